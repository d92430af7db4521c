"""Serve the simulator from a shell: `python -m pulumi_openrouter.simulator --help`."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from threading import Event
from typing import Any

import attrs

from . import Quirks, SeedError, Simulator, StateFileError

DESCRIPTION = (
    "Simulate the OpenRouter workspaces API on this machine. Print the two settings that the "
    "provider reads, and serve until interrupted."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM."""
    options = vars(_parser().parse_args(arguments))
    quirks = Quirks(**{name: options.pop(name) for name in attrs.fields_dict(Quirks)})
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        simulator = Simulator(quirks=quirks, **options).start()
    except OSError as error:
        print(f"cannot listen on port {options['port']}: {error.strerror}", file=sys.stderr)
        return 1
    except (SeedError, StateFileError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"OPENROUTER_BASE_URL={simulator.base_url}")
    print(f"OPENROUTER_MANAGEMENT_KEY={simulator.key}", flush=True)
    stop.wait()
    simulator.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pulumi_openrouter.simulator", description=DESCRIPTION
    )
    parser.add_argument("--port", type=int, default=0, help="the port (default: any free one)")
    parser.add_argument(
        "--seed",
        metavar="FILE",
        help="a YAML file of workspaces with their budgets, members and keys, as "
        "`pulumi-openrouter export` writes it",
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        help="keep what the organization has in this file, and begin with it if it exists",
    )
    parser.add_argument(
        "--members", type=int, default=5, help="how many people the organization has (default: 5)"
    )
    parser.add_argument(
        "--workspaces", type=int, default=0, help="how many besides the default one (default: 0)"
    )
    parser.add_argument("--key", help="the management key (default: made from the random seed)")
    parser.add_argument(
        "--random-seed",
        type=int,
        default=0,
        metavar="N",
        help="what ids and keys are made from (default: 0)",
    )
    quirks = parser.add_argument_group("quirks of the API and the account")
    for switch in attrs.fields(Quirks):
        quirks.add_argument(f"--{switch.name.replace('_', '-')}", **_option(switch))
    return parser


def _option(switch: attrs.Attribute[Any]) -> dict[str, Any]:
    shared = {"default": switch.default, "help": switch.metadata["help"]}
    if isinstance(switch.default, bool):
        return {**shared, "action": argparse.BooleanOptionalAction}
    return {**shared, "type": int, "metavar": "N"}


if __name__ == "__main__":
    sys.exit(main())

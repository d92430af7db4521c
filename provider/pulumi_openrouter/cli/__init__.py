"""The command line `pulumi-openrouter`: what exists, as configuration, program, table or JSON.

It only reads, never imports Pulumi, and takes its settings from environment variables alone.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.cli import check, export, review, show
from pulumi_openrouter.cli.words import in_words
from pulumi_openrouter.core.settings import (
    BASE_URL_VARIABLE,
    KEY_VARIABLE,
    ORGANIZATION_VARIABLE,
    TIMEOUT_VARIABLE,
    log_as_asked,
)

PROGRAM = "pulumi-openrouter"
DESCRIPTION = "Look at an OpenRouter organization, and write out what Pulumi should adopt."
VARIABLES = (
    f"Settings come from environment variables: {KEY_VARIABLE}, {BASE_URL_VARIABLE}, "
    f"{ORGANIZATION_VARIABLE}, {TIMEOUT_VARIABLE}. No command changes anything at OpenRouter."
)
WRONG = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 means success, 1 an error; wrong usage exits with 2.

    `review` has another status for what it was asked to fail on.
    """
    options = _parser().parse_args(arguments)
    log_as_asked()
    _never_fail_to_print()
    try:
        status: int | None = options.run(options)
        sys.stdout.flush()
    except OpenRouterError as error:
        print(f"{PROGRAM}: {in_words(error)}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # The reader has seen enough. Otherwise Python would flush again at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    return status or 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=DESCRIPTION, epilog=VARIABLES)
    parser.add_argument(
        "--version", action=_Version, nargs=0, help="print the version of this package and exit"
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (export, show, review, check):
        name = command.__name__.rpartition(".")[2]
        added = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION)
        command.add_options(added)
        added.set_defaults(run=command.run, parser=added)
    return parser


class _Version(argparse.Action):
    """Looks the version up only when somebody asks for it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        from importlib.metadata import version

        print(PROGRAM, version(PROGRAM))
        parser.exit()


def _never_fail_to_print() -> None:
    """Replace what a terminal can't show: the name of a workspace may have any character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

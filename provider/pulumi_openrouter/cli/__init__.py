"""The command line `pulumi-openrouter`: what exists, as configuration, program, table or JSON.

It only reads. It never imports Pulumi, and takes its settings from the environment alone.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.cli import check, export, show
from pulumi_openrouter.cli.words import in_words
from pulumi_openrouter.core.settings import (
    BASE_URL_VARIABLE,
    KEY_VARIABLE,
    ORGANIZATION_VARIABLE,
    TIMEOUT_VARIABLE,
    log_as_asked,
)

PROGRAM = "pulumi-openrouter"
DESCRIPTION = "Look at an OpenRouter organization, and write down what Pulumi is to adopt."
VARIABLES = (
    f"Settings are taken from the environment: {KEY_VARIABLE}, {BASE_URL_VARIABLE}, "
    f"{ORGANIZATION_VARIABLE}, {TIMEOUT_VARIABLE}. Nothing is ever changed in OpenRouter."
)
WRONG = 1
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 means that all is well, 1 that something is wrong, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    log_as_asked()
    _never_fail_to_print()
    try:
        options.run(options)
        sys.stdout.flush()
    except OpenRouterError as error:
        print(f"{PROGRAM}: {in_words(error)}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # Whoever read the output has seen enough; Python would flush, and complain, once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=DESCRIPTION, epilog=VARIABLES)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in (export, show, check):
        name = command.__name__.rpartition(".")[2]
        added = commands.add_parser(name, help=command.HELP, description=command.DESCRIPTION)
        command.add_options(added)
        added.set_defaults(run=command.run, parser=added)
    return parser


def _never_fail_to_print() -> None:
    """A terminal may know fewer characters than the names of workspaces have."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

"""`export`: what exists, as something that Pulumi adopts without changing it."""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.cli import as_config, as_program
from pulumi_openrouter.cli.adoption import Adoption
from pulumi_openrouter.cli.connection import settings
from pulumi_openrouter.cli.selection import NO_BUDGETS, add_patterns, lacks_budgets, read

HELP = "write what exists as a configuration or a program that adopts it"
DESCRIPTION = (
    "Write workspaces with their settings, budgets and members: as the file Pulumi.<stack>.yaml of "
    "the ready-made stack, or as a Pulumi program in Python. `pulumi up` of either adopts them "
    "and changes nothing."
)
FORMATS = {"config": as_config.written, "python": as_program.written}


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be said after `export`."""
    add_patterns(parser)
    parser.add_argument(
        "--format", choices=sorted(FORMATS), default="config", help="what to write (config)"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="where to write it (standard output)"
    )
    parser.add_argument("--force", action="store_true", help="overwrite FILE if it exists")


def run(options: argparse.Namespace) -> None:
    """Read first, and write only when all is known."""
    output: Path | None = options.output
    if output is None and options.force:
        options.parser.error("--force is about the file of --output")
    if output is not None and not options.force and output.exists():
        raise _exists(output)
    snapshots = read(settings().connect(), options.patterns)
    if lacks_budgets(snapshots):
        print(f"warning: {NO_BUDGETS}", file=sys.stderr)
    text = FORMATS[options.format](map(Adoption.of, snapshots))
    if output is None:
        _print(text)
    else:
        _save(text, output, force=options.force)


def _print(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Both formats are UTF-8, whatever the terminal has.
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)


def _save(text: str, path: Path, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as error:
        raise OpenRouterError(f"can't write {path}: {error.strerror}") from None


def _exists(path: Path) -> OpenRouterError:
    return OpenRouterError(f"{path} exists already: --force overwrites it")

"""`export`: what exists, in a form that Pulumi adopts without changing it."""

from __future__ import annotations

import argparse
import io
import shutil
import sys
import tempfile
from pathlib import Path

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.cli import as_config, as_program, config_file
from pulumi_openrouter.cli.adoption import Adoption
from pulumi_openrouter.cli.connection import settings
from pulumi_openrouter.cli.key_adoption import adopted_keys
from pulumi_openrouter.cli.selection import NO_BUDGETS, add_patterns, lacks_budgets, read

HELP = "write what exists as a configuration or a program that adopts it"
DESCRIPTION = (
    "Write workspaces with their settings, budgets, members and guardrails (with --keys, their API "
    "keys too), either as a Pulumi.<stack>.yaml for the ready-made stack or as a Pulumi program in "
    "Python. `pulumi up` then adopts them and changes nothing."
)
CONFIG = "config"
KEYS_WOULD_GO = (
    "it declares API keys, which the next `pulumi up` would delete without them: add --keys"
)
FORMATS = {CONFIG: as_config.written, "python": as_program.written}
UNCHANGED = "The file was not changed."


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `export`."""
    add_patterns(parser)
    parser.add_argument(
        "--format",
        choices=sorted(FORMATS),
        default=CONFIG,
        help="what to write (default: config)",
    )
    parser.add_argument(
        "--keys",
        action="store_true",
        help="write API keys too, by hash; their secrets stay unknown",
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="where to write (default: standard output)"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="if FILE exists, replace the workspaces in it (config), or all of it (python)",
    )


def run(options: argparse.Namespace) -> None:
    """Read everything first, and only then write."""
    output: Path | None = options.output
    if output is None and options.force:
        options.parser.error("--force needs --output")
    if output is not None and not options.force and output.exists():
        raise _exists(output, options.format)
    snapshots = read(settings().connect(), options.patterns, keys=options.keys)
    if lacks_budgets(snapshots):
        print(f"warning: {NO_BUDGETS}", file=sys.stderr)
    keys = adopted_keys(snapshots)
    adoptions = [Adoption.of(each, keys.get(each.workspace.slug, {})) for each in snapshots]
    if output is None:
        _print(FORMATS[options.format](adoptions))
    elif options.format == CONFIG and options.force and output.is_file():
        _replace_workspaces(output, adoptions, with_keys=options.keys)
    else:
        _save(adoptions, output, options)


def _print(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Both formats are UTF-8, whatever the terminal uses.
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)


def _save(adoptions: list[Adoption], path: Path, options: argparse.Namespace) -> None:
    text = FORMATS[options.format](adoptions)
    try:
        with path.open("w" if options.force else "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _exists(path, options.format) from None
    except OSError as error:
        raise OpenRouterError(f"can't write {path}: {error.strerror}") from None


def _replace_workspaces(path: Path, adoptions: list[Adoption], *, with_keys: bool) -> None:
    """Replace one key, and leave the rest of the file to the letter."""
    try:
        replaced = config_file.replaced(path.read_bytes().decode(), as_config.workspaces(adoptions))
        if replaced.had_keys and not with_keys:
            raise config_file.ConfigFileError(KEYS_WOULD_GO)
        _write_at_once(replaced.text, path.resolve())
    except UnicodeDecodeError:
        raise OpenRouterError(f"{path}: not valid YAML: it is not UTF-8\n{UNCHANGED}") from None
    except config_file.ConfigFileError as error:
        raise OpenRouterError(f"{path}: {error}\n{UNCHANGED}") from None
    except OSError as error:
        raise OpenRouterError(f"can't write {path}: {error.strerror}") from None
    if replaced.key != as_config.KEY:
        print(f"note: replaced {replaced.key} in {path}", file=sys.stderr)
    if replaced.had_secrets:
        told = f"{replaced.key} had secrets; in {path} it is plain text now"
        print(f"warning: {told}", file=sys.stderr)


def _write_at_once(text: str, path: Path) -> None:
    """Write a file that exists: whatever happens, it has either its old text or the new one."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        written = Path(file.name)
        try:
            file.write(text.encode())
            file.close()
            shutil.copymode(path, written)
            written.replace(path)
        except BaseException:
            written.unlink()
            raise


def _exists(path: Path, format: str) -> OpenRouterError:
    what = "replace its workspaces" if format == CONFIG else "overwrite it"
    return OpenRouterError(f"{path} already exists; use --force to {what}")

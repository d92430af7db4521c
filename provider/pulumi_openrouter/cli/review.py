"""`review`: what a preview does to money, people and access."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pulumi_openrouter.api.errors import OpenRouterError
from pulumi_openrouter.cli.connection import settings
from pulumi_openrouter.core.context import Context
from pulumi_openrouter.review import markdown, terminal
from pulumi_openrouter.review.changes import review
from pulumi_openrouter.review.conditions import CONDITIONS, found
from pulumi_openrouter.review.document import document
from pulumi_openrouter.review.engine import ReviewError
from pulumi_openrouter.review.lines import Told, counted, told
from pulumi_openrouter.review.model import Review
from pulumi_openrouter.review.preview import Preview, read

HELP = "say what a preview does to money, people and access"
DESCRIPTION = (
    "Read what `pulumi preview --json` printed, or `pulumi refresh --preview-only --json`, and say "
    "what it does to money, people and access. It needs neither key nor network, but for --live."
)
STDIN = "-"
FAILED_PREVIEW = 1
HELD = 3
"""The exit status where a condition of --fail-on holds."""
TEXTS: dict[str, Callable[[Sequence[Told]], str]] = {
    "markdown": markdown.written,
    "text": terminal.written,
}
JSON = "json"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `review`."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        default=[STDIN],
        help="what Pulumi printed, a file for each stack (default: standard input)",
    )
    parser.add_argument(
        "--format",
        choices=[*TEXTS, JSON],
        default="markdown",
        help="markdown for a comment of at most 65,536 characters (default), text or json",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="look at OpenRouter, with a key, for what the change finds there already",
    )
    parser.add_argument(
        "--fail-on",
        metavar="CONDITION,...",
        type=_conditions,
        default=[],
        help=f"exit with {HELD} if one of these holds: {', '.join(_names())}",
    )


def run(options: argparse.Namespace) -> int:
    """Read everything, then print: 1 where a preview failed, 3 where a condition holds."""
    previews = [_read(name) for name in options.files]
    reviews = _looked_up(previews) if options.live else [review(each) for each in previews]
    _print(_written(reviews, options.format))
    held = found(reviews, options.fail_on)
    if held:
        what = ", ".join(f"{name} ({count:,})" for name, count in held.items())
        print(f"--fail-on: {what}", file=sys.stderr)
    failed = sum(bool(each.errors) for each in reviews)
    if failed:
        print(f"error: {counted(failed, 'preview')} failed", file=sys.stderr)
        return FAILED_PREVIEW
    return HELD if held else 0


def _names() -> list[str]:
    return [condition.name for condition in CONDITIONS]


def _conditions(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in _names():
            known = ", ".join(_names())
            raise argparse.ArgumentTypeError(f"no condition is called {name!r}; there are {known}")
    return names


def _looked_up(previews: Sequence[Preview]) -> list[Review]:
    # Imported only here: nothing else needs the API.
    from pulumi_openrouter.cli.live import Look

    client = settings().connect()
    look = Look(Context(lambda: client))
    return [look.at(preview, review(preview)) for preview in previews]


def _read(name: str) -> Preview:
    try:
        text = sys.stdin.read() if name == STDIN else Path(name).read_text(encoding="utf-8")
        return read(text)
    except ReviewError as error:
        raise OpenRouterError(f"{_called(name)}: {error}") from None
    except UnicodeDecodeError:
        raise OpenRouterError(f"{_called(name)}: it is not UTF-8") from None
    except OSError as error:
        raise OpenRouterError(f"can't read {name}: {error.strerror}") from None


def _called(name: str) -> str:
    return "standard input" if name == STDIN else name


def _written(reviews: Sequence[Review], form: str) -> str:
    if form == JSON:
        return json.dumps(document(reviews), indent=2) + "\n"
    return TEXTS[form]([told(each) for each in reviews])


def _print(text: str) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):
        # What a file gets is UTF-8, whatever the terminal uses.
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.write(text)

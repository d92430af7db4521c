"""GitHub's command line `gh`, as far as the workflows use it, on comments and issues in a file."""

from __future__ import annotations

import json
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import jq  # type: ignore[import-not-found]

BOT = "github-actions[bot]"


@attrs.frozen
class GitHub:
    """What a repository has, and a folder with a `gh` that changes it."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> GitHub:
        """One without any comment or issue."""
        folder.mkdir()
        found = cls(folder)
        found.save({"comments": [], "issues": []})
        command = shlex.join([sys.executable, str(Path(__file__).resolve()), str(folder)])
        gh = folder / "gh"
        gh.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        gh.chmod(0o755)
        return found

    @property
    def comments(self) -> list[dict[str, Any]]:
        """The comments on the pull request."""
        return list(self.load()["comments"])

    @property
    def issues(self) -> list[dict[str, Any]]:
        """The issues, closed ones too."""
        return list(self.load()["issues"])

    def comment(self, login: str, body: str) -> None:
        """Somebody writes a comment."""
        kept = self.load()
        comment = {"id": _next(kept["comments"]), "user": {"login": login}, "body": body}
        kept["comments"].append(comment)
        self.save(kept)

    def load(self) -> dict[str, Any]:
        """All there is."""
        return dict(json.loads((self.folder / "kept.json").read_text()))

    def save(self, kept: dict[str, Any]) -> None:
        """Keep all there is."""
        (self.folder / "kept.json").write_text(json.dumps(kept))


def main(arguments: Sequence[str]) -> None:
    """Run `gh`: whatever it does not know is an error, as it is for the real one."""
    folder, *given = arguments
    github = GitHub(Path(folder))
    options = _parser().parse_args(given)
    answer = options.run(github, options)
    if answer is not None and options.jq:
        for found in jq.compile(options.jq).input_value(answer).all():
            print(found if isinstance(found, str) else json.dumps(found))


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="gh")
    parser.set_defaults(jq=None)
    commands = parser.add_subparsers(required=True)
    api = commands.add_parser("api")
    api.add_argument("path")
    api.add_argument("--method", choices=["GET", "POST", "PATCH"])
    api.add_argument("--field")
    api.add_argument("--paginate", action="store_true")
    api.add_argument("--jq")
    api.set_defaults(run=_api)
    issue = commands.add_parser("issue").add_subparsers(required=True)
    listed = issue.add_parser("list")
    listed.add_argument("--state", choices=["open"], required=True)
    listed.add_argument("--limit", type=int)
    listed.add_argument("--json", required=True)
    listed.add_argument("--jq")
    listed.set_defaults(run=_list)
    create = issue.add_parser("create")
    create.add_argument("--title", required=True)
    create.add_argument("--body-file", type=Path, required=True)
    create.set_defaults(run=_create)
    edit = issue.add_parser("edit")
    edit.add_argument("number", type=int)
    edit.add_argument("--body-file", type=Path, required=True)
    edit.set_defaults(run=_edit)
    close = issue.add_parser("close")
    close.add_argument("number", type=int)
    close.add_argument("--comment")
    close.set_defaults(run=_close)
    return parser


def _api(github: GitHub, options: Namespace) -> Any:
    *_, parent, last = options.path.split("/")
    if options.field is None:
        return github.comments
    name, _, file = options.field.partition("=@")
    text = Path(file).read_text()
    if options.method == "PATCH":
        kept = github.load()
        _numbered(kept["comments"], "id", int(last))[name] = text
        github.save(kept)
    else:
        assert parent.isdecimal()
        github.comment(BOT, text)
    return None


def _list(github: GitHub, options: Namespace) -> Any:
    names = options.json.split(",")
    found = [issue for issue in github.issues if issue["state"] == options.state]
    return [{name: issue[name] for name in names} for issue in found]


def _create(github: GitHub, options: Namespace) -> None:
    kept, text = github.load(), options.body_file.read_text()
    number = _next(kept["issues"])
    kept["issues"].append(
        {"number": number, "id": number, "title": options.title, "body": text, "state": "open"}
    )
    github.save(kept)


def _edit(github: GitHub, options: Namespace) -> None:
    kept = github.load()
    _numbered(kept["issues"], "number", options.number)["body"] = options.body_file.read_text()
    github.save(kept)


def _close(github: GitHub, options: Namespace) -> None:
    kept = github.load()
    _numbered(kept["issues"], "number", options.number)["state"] = "closed"
    github.save(kept)


def _numbered(rows: list[dict[str, Any]], key: str, number: int) -> dict[str, Any]:
    (found,) = [row for row in rows if row[key] == number]
    return found


def _next(rows: list[dict[str, Any]]) -> int:
    return len(rows) + 1


if __name__ == "__main__":
    main(sys.argv[1:])

"""The Markdown that a pull request's comment gets, as a parser of Markdown reads it."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pulumi_openrouter.review.lines import MAX_FOREIGN_CHARS, told
from pulumi_openrouter.review.markdown import MARKER, MAX_CHARS, code, length, written
from pulumi_openrouter.review.terminal import written as as_text
from tests.unit.review.previews import (
    Document,
    created,
    deleted,
    kept,
    lines,
    replaced,
    reviewed,
    updated,
)

HOSTILE = st.one_of(
    st.text(),
    st.text(alphabet="`|\\\n\r\t #*_[]()<>&@!-~=:.1"),
    st.sampled_from(
        [
            "@everybody",
            "[click](https://evil.example)",
            "![x](https://evil.example/x.png)",
            "<script>alert(1)</script>",
            "-->",
            "` | `",
            "\\`",
            "a\n\n# heading",
            "\u202egnp.exe",
            "https://evil.example",
            "#1",
            "&#64;everybody",
            "\u2028",
            "```\n@x\n```",
        ]
    ),
)
BENIGN = "text"


def steps(*texts: str) -> list[Document]:
    """A change with the texts wherever somebody else chooses one."""
    a, b, c = texts
    lab = {"slug": "lab", "name": a, "description": b, "default_text_model": c}
    return [
        updated("Workspace", "lab", {**lab, "name": "n", "description": "m"}, lab),
        created("Workspace", "new", slug=a),
        created("WorkspaceBudget", "new", "new", monthly_limit_usd=5),
        created("WorkspaceMembership", "lab", "lab", emails=[b], user_ids=[c]),
        created("ApiKey", "key", "lab", name=a, limit=5),
        *replaced("ApiKey", "old", {"name": b}, {"name": c}, a),
        updated("Guardrail", "g", {"name": a}, {"name": b, "ignored_models": [c]}, "lab"),
        created("ByokKey", "byok", "lab", name=a, provider=b),
        deleted("Workspace", "gone", slug=c),
    ]


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def inline(tokens: list[Token]) -> list[Token]:
    return [child for token in tokens for child in token.children or ()]


def shape(tokens: list[Token]) -> list[str]:
    """What a reader sees, but for what stands in code spans."""
    blocks = [token.type for token in tokens]
    return blocks + [token.content for token in inline(tokens) if token.type == "text"]


@given(HOSTILE, HOSTILE, HOSTILE)
def test_no_text_breaks_the_markdown_or_mentions_anybody(a: str, b: str, c: str) -> None:
    """Whatever a name is, it stands in a code span, and everything around it stays as it was."""
    distinct = [f"{text}{number}" for number, text in enumerate((a, b, c))]
    benign = [f"{BENIGN}{number}" for number in range(3)]
    text = written([told(reviewed(*steps(*distinct)))])
    tokens = parsed(text)
    assert sorted(shape(tokens)) == sorted(
        shape(parsed(written([told(reviewed(*steps(*benign)))])))
    )
    kinds = {token.type for token in inline(tokens)}
    assert kinds <= {"text", "code_inline", "softbreak"}
    assert [token.content for token in tokens if token.type == "html_block"] == [f"{MARKER}\n"]


@given(HOSTILE.filter(bool))
def test_a_code_span_shows_the_text_itself(text: str) -> None:
    """In a paragraph and in a cell of a table, however many backticks it has."""
    line = " ".join(text.split()) or "x"
    if not line.isprintable():
        return
    (paragraph,) = [token.content for token in inline(parsed(f"a {code(line)} b"))][1:-1]
    assert paragraph == line
    table = f"| a |\n|---|\n| b {code(line, in_table=True)} c |"
    (cell,) = [token.content for token in inline(parsed(table)) if token.type == "code_inline"]
    # This parser leaves the backslash of a pipe in a code span; GitHub takes it away.
    assert cell.replace("\\|", "|") == line.replace("\\|", "|")


@given(HOSTILE, HOSTILE, HOSTILE)
def test_the_text_for_a_terminal_keeps_its_lines(a: str, b: str, c: str) -> None:
    """No name can move the cursor, colour anything or add a line."""
    text, plain = (
        as_text([told(reviewed(*steps(*(f"{name}{number}" for number, name in enumerate(names)))))])
        for names in ((a, b, c), (BENIGN,) * 3)
    )
    assert text.replace("\n", "").isprintable()
    assert text.count("\n") == plain.count("\n")


def test_control_characters_are_spelt_out() -> None:
    """So that nobody is deceived by what can't be seen."""
    found = lines(created("Workspace", "a", slug="a\u202eb\nc\x1b[2J"))
    assert r"- created: `a\u202eb\nc\x1b[2J`" in found


def test_a_long_text_is_cut() -> None:
    """With a mark at its end."""
    (line,) = [
        each for each in lines(deleted("Workspace", "a", slug="x" * 999)) if "deleted" in each
    ]
    assert line == f"- deleted: `{'x' * (MAX_FOREIGN_CHARS - 1)}…`"


def test_a_long_list_of_names_is_cut_with_a_count() -> None:
    """Ten of them are shown."""
    models = [f"m/{number:02}" for number in range(25)]
    found = lines(
        kept("Workspace", "a", slug="a"), created("Guardrail", "g", allowed_models=models)
    )
    (line,) = [each for each in found if "only these" in each]
    assert line.endswith("`m/09`, and 15 more")


@settings(max_examples=20)
@given(
    st.integers(0, 900),
    st.integers(0, 60),
    st.sampled_from(["a", "`", "|", "\U0001f600", "\u202e", "é"]),
)
def test_a_comment_is_never_too_long(workspaces: int, stacks: int, char: str) -> None:
    """However much changes, and whatever the names are made of."""
    name = char * 150
    change = [
        step
        for number in range(workspaces)
        for step in (
            created("Workspace", f"w{number}", slug=f"{number}{name}", description=name),
            created("WorkspaceBudget", f"w{number}", f"w{number}", monthly_limit_usd=5),
            created("WorkspaceMembership", f"w{number}", f"w{number}", emails=[name, "b"]),
        )
    ]
    large = told(reviewed(*change))
    text = written([large, *[told(reviewed(*change[:9]))] * stacks])
    assert length(text) <= MAX_CHARS
    assert text.startswith(MARKER)


def test_what_has_no_room_is_counted() -> None:
    """The same number of lines in every section, as many as fit."""
    change = [created("Workspace", f"w{number}", slug=f"w{number:04}") for number in range(2000)]
    text = written([told(reviewed(*change))])
    shown = len(re.findall(r"^- created:", text, re.M))
    assert shown == 1000
    assert text.count("… and 1,000 more, which had no room here.") == 2


def test_many_stacks_are_cut_with_a_count() -> None:
    """Where not even their headings fit."""
    many = [told(reviewed(created("Workspace", "a", slug="a")))] * 2000
    text = written(many)
    assert length(text) <= MAX_CHARS
    shown = text.count("### OpenRouter")
    assert text.endswith(f"{2000 - shown:,} more stacks had no room here.\n")


def test_the_same_change_is_written_the_same_way() -> None:
    """In whatever order the engine tells its steps."""
    change = steps("a", "b", "c")
    texts: set[Any] = {
        written([told(reviewed(*order))]) for order in (change, list(reversed(change)))
    }
    assert len(texts) == 1

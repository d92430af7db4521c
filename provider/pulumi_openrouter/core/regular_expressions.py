"""Which regular expressions OpenRouter runs, as far as that is known without asking it.

They are JavaScript's, without what takes more than linear time: lookaround, back-references and
nested quantifiers. What only OpenRouter can tell passes here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LOOKAROUND = re.compile(r"\(\?<?[=!]")
BACK_REFERENCE = re.compile(r"\\[1-9k]")
PYTHON_GROUP = re.compile(r"\(\?(?:P|[aiLmsux]+\))")
QUANTIFIER = re.compile(r"[*+]|\{\d+,\d*\}")
TOKEN = re.compile(
    r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:<?[=!]|P|[aiLmsux]+\)|<\w+>|:)|\{\d+(?:,\d*)?\}|.", re.DOTALL
)
"""Escapes, classes, beginnings of groups, counts, and single characters."""
JAVASCRIPT_ONLY = re.compile(r"\\[pPu]\{[^}]*\}|\[\^?\]|\\c[A-Za-z]")
"""What JavaScript knows and Python does not."""
UNFINISHED = ("missing )", "unterminated", "unbalanced", "nothing to repeat", "bad character range")
"""How Python's words begin for what is wrong in JavaScript too."""


def flaw_of_pattern(pattern: str) -> str | None:
    """Why OpenRouter would refuse a regular expression, None where nothing speaks against it."""
    tokens = TOKEN.findall(pattern)
    if any(LOOKAROUND.fullmatch(token) for token in tokens):
        return "must not look ahead or behind: OpenRouter has no lookaround"
    if any(BACK_REFERENCE.fullmatch(token) for token in tokens):
        return "must not refer back to a group: OpenRouter has no back-references"
    if any(PYTHON_GROUP.fullmatch(token) for token in tokens):
        return "must be a regular expression of JavaScript, which has no (?P...) and no (?i)"
    if _has_nested_quantifiers(tokens):
        return "must not repeat what repeats itself, such as (a+)+: OpenRouter refuses it"
    return _unreadable(pattern)


def _has_nested_quantifiers(tokens: Sequence[str]) -> bool:
    """Whether a group that contains a repetition is itself repeated."""
    repeats: list[bool] = []
    """For each group that is open: whether anything in it is repeated."""
    for index, token in enumerate(tokens):
        following = tokens[index + 1] if index + 1 < len(tokens) else ""
        if token.startswith("("):
            repeats.append(False)
        elif token == ")" and repeats:
            inner, is_repeated = repeats.pop(), bool(QUANTIFIER.fullmatch(following))
            if inner and is_repeated:
                return True
            if repeats:
                repeats[-1] |= inner
        elif QUANTIFIER.fullmatch(token) and repeats:
            repeats[-1] = True
    return False


def _unreadable(pattern: str) -> str | None:
    readable = JAVASCRIPT_ONLY.sub("x", pattern).replace("(?<", "(?P<")
    try:
        re.compile(readable)
    except re.error as error:
        if error.msg.startswith(UNFINISHED):
            return f"must be a regular expression: {error.msg}"
    except (OverflowError, RecursionError):
        return "must be a regular expression: it is too large"
    return None

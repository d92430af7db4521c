"""How people are named: by email or by user id."""

from __future__ import annotations

from pulumi_openrouter.core.directory import canonical_email
from pulumi_openrouter.core.kinds import pattern, set_of

EMAIL = pattern(
    r"(?!(?i:mailto:))[^@\s<>,;]+@[^@\s<>,;]+", "an email address", canonical=canonical_email
)
EMAILS = set_of(EMAIL, "email addresses")
USER_ID = pattern(r"\S+", "a user id such as user_2abc")
USER_IDS = set_of(USER_ID, "user ids")

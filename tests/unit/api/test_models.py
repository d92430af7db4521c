"""The models of the API's answers."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from pulumi_openrouter.api import models
from pulumi_openrouter.api.decode import ShapeError, structured
from pulumi_openrouter.api.member import WorkspaceMember

MODELS = [kind for kind in vars(models).values() if isinstance(kind, type) and attrs.has(kind)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_types_of_fields_are_not_text(model: Any) -> None:
    """Older versions of cattrs can't resolve the types of a generic class from text."""
    assert [field.name for field in attrs.fields(model) if isinstance(field.type, str)] == []


@pytest.mark.parametrize(
    ("row", "member"),
    [
        ({"user_id": "u", "role": "admin", "id": 7}, WorkspaceMember(user_id="u", role="admin")),
        ({"user_id": "u", "role": "auditor"}, WorkspaceMember(user_id="u", role="auditor")),
        ({"user_id": "u"}, WorkspaceMember(user_id="u", role=None, email=None)),
    ],
)
def test_a_member_is_a_user_id_and_what_else_is_known(
    row: dict[str, Any], member: WorkspaceMember
) -> None:
    """A member's role may be new or missing, and the API tells no email."""
    assert structured({"data": [row]}, models.Page[WorkspaceMember]).data == [member]
    answer = structured({"data": [row], "added_count": 1}, models.AddedMembers)
    assert answer.data == [member]


@pytest.mark.parametrize("row", [{}, {"role": "admin"}, {"user_id": None}, {"user_id": 5}, "u"])
def test_a_member_without_a_user_id_is_refused(row: Any) -> None:
    """Nobody can be told from others by a role alone."""
    with pytest.raises(ShapeError):
        structured({"data": [row]}, models.Page[WorkspaceMember])

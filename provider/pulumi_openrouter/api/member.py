"""A member of a workspace, in a module that imports next to nothing."""

import attrs


# Pulumi reads the parts of an output's objects from their `__dict__`.
@attrs.frozen(kw_only=True, slots=False)
class WorkspaceMember:
    """A member of a workspace (GET /workspaces/{id}/members)."""

    user_id: str
    role: str | None = None
    """The API's word, such as "admin" or "member"; new ones may appear."""
    email: str | None = None
    """None where the organization doesn't tell.

    The API's list has no emails: whoever knows the organization's members fills them in.
    """

from __future__ import annotations

import pytest

from pulumi_openrouter.core.secrets import SECRETS, SHOWN_SECRETS
from pulumi_openrouter.review.model import Ceiling
from tests.unit.review.previews import (
    UNKNOWN,
    created,
    deleted,
    kept,
    lines,
    replaced,
    reviewed,
    step,
    updated,
)

LAB = kept("Workspace", "lab", slug="lab", name="Lab")


def rows(found: list[str]) -> list[str]:
    """The rows of the table of limits."""
    return [line for line in found if line.startswith("| ") and not line.startswith("| Of ")]


# workspaces


def test_workspaces_are_made_adopted_renamed_and_deleted() -> None:
    """Each is called by its slug, with what it was called before."""
    found = lines(
        created("Workspace", "new", slug="new"),
        created("Workspace", "old", slug="old", adopt_existing=True),
        updated("Workspace", "lab", {"slug": "lab"}, {"slug": "laboratory"}),
        deleted("Workspace", "gone", slug="gone"),
    )
    assert found[0] == "### OpenRouter: what this changes in stack `dev`"
    assert "- created: `new`" in found
    assert "- adopted if it exists, otherwise created: `old`" in found
    assert "- renamed: `laboratory`, before: `lab`" in found
    assert "- deleted: `gone`" in found


def test_what_stays_at_openrouter_is_not_called_deleted() -> None:
    """What is retained, and the default workspace, which can't be deleted."""
    retained = step("delete", "Workspace", "a", {"slug": "a"}, None)
    retained["oldState"]["retainOnDelete"] = True
    found = lines(retained, deleted("Workspace", "main", slug="default"))
    assert "- forgotten, and stays at OpenRouter: `a`" in found
    assert "- forgotten, and stays at OpenRouter: `default`" in found


def test_settings_are_shown_before_and_after() -> None:
    """A setting that was not there before has no arrow; what is secret or unknown is not shown."""
    found = lines(
        updated(
            "Workspace",
            "lab",
            {"slug": "lab", "description": "a", "default_text_model": "[secret]"},
            {"slug": "lab", "description": "b", "name": "Lab", "default_text_model": UNKNOWN},
        )
    )
    assert found[found.index("- changed: `lab`") + 1 :] == [
        "  - `default_text_model`: [secret] → not known yet",
        "  - `description`: `a` → `b`",
        "  - `name`: `Lab`",
    ]


def test_logging_that_is_switched_on_is_said() -> None:
    """In words, and as what loosens."""
    off = {"slug": "lab", "is_data_discount_logging_enabled": False}
    found = lines(
        updated("Workspace", "lab", off, {**off, "is_data_discount_logging_enabled": True})
    )
    assert "  - looser: logging for a discount: on" in found


# limits


def test_limits_are_shown_with_their_difference() -> None:
    """A limit that rises, one that falls, one that is dropped, and one that is new."""
    found = lines(
        LAB,
        updated(
            "WorkspaceBudget",
            "lab",
            {"workspace_id": "u", "daily_limit_usd": 5, "monthly_limit_usd": 100},
            {"workspace_id": "u", "weekly_limit_usd": 20.5, "monthly_limit_usd": 50.0},
            "lab",
        ),
    )
    assert rows(found) == [
        "| workspace `lab` | daily | $5 | no limit |  |",
        "| workspace `lab` | weekly | not declared | $20.50 |  |",
        "| workspace `lab` | monthly | $100 | $50 | -$50 |",
    ]


def test_a_workspace_without_any_limit_is_marked() -> None:
    """A new one that gets none, and one that loses its last; not one that is deleted."""
    review = reviewed(
        LAB,
        created("Workspace", "new", slug="new"),
        deleted("WorkspaceBudget", "lab", "lab", workspace_id="u", daily_limit_usd=5),
        deleted("Workspace", "gone", slug="gone"),
        deleted("WorkspaceBudget", "gone", "gone", workspace_id="v", daily_limit_usd=5),
    )
    found = {limit.holder: limit.leaves_unlimited for limit in review.limits}
    assert found == {"gone": False, "lab": True, "new": True}


def test_a_budget_that_is_forgotten_is_not_called_unlimited() -> None:
    """OpenRouter keeps it."""
    retained = deleted("WorkspaceBudget", "lab", "lab", workspace_id="u", daily_limit_usd=5)
    retained["oldState"]["retainOnDelete"] = True
    assert rows(lines(LAB, retained)) == ["| workspace `lab` | daily | $5 | not declared |  |"]


def test_a_budget_that_moves_to_another_resource_changes_nothing() -> None:
    """The same limit of the same workspace, deleted here and created there."""
    limit = {"workspace_id": "u", "daily_limit_usd": 5}
    review = reviewed(
        LAB,
        deleted("WorkspaceBudget", "a", "lab", **limit),
        created("WorkspaceBudget", "b", "lab", **limit),
    )
    assert review.limits == ()


@pytest.mark.parametrize("value", ["[secret]", UNKNOWN])
def test_a_limit_that_is_not_told_has_no_difference(value: str) -> None:
    """And counts in no sum."""
    review = reviewed(
        LAB,
        updated(
            "WorkspaceBudget",
            "lab",
            {"workspace_id": "u", "monthly_limit_usd": 5},
            {"workspace_id": "u", "monthly_limit_usd": value},
            "lab",
        ),
    )
    assert [limit.difference for limit in review.limits] == [None]
    assert review.ceilings == (Ceiling(usd=5), Ceiling(usd=0, untold=1))


def test_a_secret_limit_may_change_with_the_rest() -> None:
    """A preview hides it before and after: that it may be another one is all that can be said."""
    secret = {"workspace_id": "u", "monthly_limit_usd": "[secret]"}
    assert rows(lines(LAB, kept("WorkspaceBudget", "lab", "lab", **secret))) == []
    assert rows(lines(LAB, updated("WorkspaceBudget", "lab", secret, secret, "lab"))) == [
        "| workspace `lab` | monthly | [secret] | [secret] |  |"
    ]


def test_the_sum_is_that_of_the_whole_stack_where_the_preview_has_it() -> None:
    """Workspaces without a monthly limit are counted, and stand in no sum."""
    steps = (
        LAB,
        kept("WorkspaceBudget", "lab", "lab", workspace_id="u", monthly_limit_usd=100),
        created("Workspace", "new", slug="new"),
        created("WorkspaceBudget", "new", "new", workspace_id=UNKNOWN, monthly_limit_usd=50),
        created("Workspace", "free", slug="free"),
    )
    assert lines(*steps, unchanged=2)[1] == (
        "All monthly limits of workspaces, taken together: $100 before, $150 after (+$50); "
        "not in it: 1 workspace without a monthly limit."
    )
    assert lines(*steps, unchanged=3)[1] == (
        "The monthly limits of workspaces that change, taken together: "
        "$100 before, $150 after (+$50)."
    )


@pytest.mark.parametrize(
    ("was", "is_now", "rises"),
    [
        ((50, "monthly"), (50, "daily"), True),
        ((50, "daily"), (50, "monthly"), False),
        ((50, None), (50, "monthly"), True),
        ((50, "monthly"), (50, None), False),
        ((50, "monthly"), (60, "monthly"), True),
        ((50, "monthly"), (None, None), True),
        ((None, None), (50, "monthly"), False),
    ],
)
def test_a_keys_limit_rises_where_more_may_be_spent(
    was: tuple[int | None, str | None], is_now: tuple[int | None, str | None], rises: bool
) -> None:
    """A shorter interval is a higher limit, too."""
    old, new = (
        {} if usd is None else {"limit": usd, **({"limit_reset": reset} if reset else {})}
        for usd, reset in (was, is_now)
    )
    (limit,) = reviewed(LAB, updated("ApiKey", "robot", old, new, "lab")).limits
    assert limit.rises is rises


# people


def test_people_get_in_and_go_out_by_email() -> None:
    """A user id is shown as the email that the state has for it."""
    old: dict[str, object] = {"workspace_id": "u", "emails": ["ada@x.org"], "user_ids": ["user_1"]}
    change = updated(
        "WorkspaceMembership", "lab", old, {"workspace_id": "u", "emails": ["alan@x.org"]}, "lab"
    )
    change["oldState"]["outputs"] = {"members": [{"user_id": "user_1", "email": "grace@x.org"}]}
    found = lines(LAB, change)
    assert found[found.index("#### People") + 1 :] == [
        "- `alan@x.org` gets into `lab`",
        "- `ada@x.org` goes out of `lab`",
        "- `grace@x.org` goes out of `lab`",
    ]


def test_whoever_moves_to_another_resource_of_the_workspace_stays() -> None:
    """Nobody gets in or goes out of a workspace that two resources share."""
    review = reviewed(
        LAB,
        deleted("WorkspaceMembership", "a", "lab", workspace_id="u", emails=["ada@x.org"]),
        created("WorkspaceMembership", "b", "lab", workspace_id="u", emails=["ada@x.org"]),
    )
    assert review.people == ()


def test_an_exclusive_membership_removes_everybody_else() -> None:
    """Whoever they are."""
    people = {"workspace_id": "u", "emails": ["ada@x.org"]}
    found = lines(
        LAB, updated("WorkspaceMembership", "lab", people, {**people, "exclusive": True}, "lab")
    )
    assert "- everybody else goes out of `lab`" in found


def test_secret_people_are_hidden() -> None:
    """A secret list that the engine says differs is said to change."""
    people = {"workspace_id": "u", "emails": "[secret]"}
    change = updated("WorkspaceMembership", "lab", people, people, "lab")
    assert "- [secret] people may change in `lab`" in lines(LAB, change)


def test_the_members_of_a_new_workspace_are_told_by_its_slug() -> None:
    """Its id is not known yet; the resource says which Workspace it is given."""
    found = lines(
        created("Workspace", "lab", slug="laboratory"),
        created("WorkspaceMembership", "p", "lab", workspace_id=UNKNOWN, emails=["ada@x.org"]),
    )
    assert "- `ada@x.org` gets into `laboratory`" in found


# keys, guardrails, provider keys


def test_keys_are_made_taken_over_rotated_moved_and_deleted() -> None:
    """With their limits, and with why they are replaced."""
    other = kept("Workspace", "other", slug="other")
    other["oldState"]["id"] = other["newState"]["id"] = "v"
    found = lines(
        LAB,
        other,
        created("ApiKey", "new", "lab", workspace_id="u", limit=5, limit_reset="monthly"),
        created("ApiKey", "old", "lab", workspace_id="u", existing_hash="a" * 64, limit=3),
        created("Guardrail", "safe", "lab", workspace_id="u", existing_id="g"),
        *replaced(
            "ApiKey", "due", {"workspace_id": "v"}, {"workspace_id": "v"}, "rotate_after_days"
        ),
        updated("ApiKey", "moved", {"workspace_id": "u"}, {"workspace_id": "v"}),
        deleted("ApiKey", "gone", "lab", workspace_id="u", limit=7),
    )
    assert "- made: `new` in `lab`" in found
    assert "  - looser: never expires" in found
    assert "- taken over: `old` in `lab`" in found
    assert "- taken over: `safe` in `lab`" in found
    assert "- rotated: `due` in `other`" in found
    assert "- API key `due` in `other`: for `rotate_after_days`" in found
    assert "- moved: `moved` in `other`, before: `u`" in found
    assert "- deleted: `gone` in `lab`" in found
    assert rows(found) == [
        "| API key `gone` in `lab` | in all | $7 | - |  |",
        "| API key `new` in `lab` | monthly | - | $5 |  |",
        "| API key `old` in `lab` | in all | not declared | $3 |  |",
    ]


def test_a_key_that_expires_is_not_called_endless() -> None:
    """Neither by a date nor by a lifetime."""
    found = lines(
        LAB,
        created("ApiKey", "a", "lab", expires_at="2027-01-31T00:00:00Z", limit=1),
        created("ApiKey", "b", "lab", lifetime_days=30, limit=1),
    )
    assert [line for line in found if "never expires" in line] == []
    assert "  - `expires_at`: `2027-01-31T00:00:00Z`" in found


def test_a_guardrail_tells_what_it_loosens_and_what_it_tightens() -> None:
    """Model by model, and for whom it holds."""
    found = lines(
        LAB,
        updated(
            "Guardrail",
            "strict",
            {"allowed_models": ["a/1", "a/2"], "emails": ["ada@x.org"], "limit_usd": 5},
            {"allowed_models": ["a/2", "b/1"], "emails": [], "enforce_zdr_openai": True},
            "lab",
        ),
    )
    start = found.index("- changed: `strict` in `lab`")
    assert found[start + 1 : start + 5] == [
        "  - looser: models now allowed: `b/1`",
        "  - tighter: models no longer allowed: `a/1`",
        "  - tighter: only zero data retention at OpenAI: on",
        "  - looser: no longer holds for people: `ada@x.org`",
    ]
    assert rows(found) == ["| guardrail `strict` in `lab` | in all | $5 | no limit |  |"]


@pytest.mark.parametrize("name", [SECRETS, SHOWN_SECRETS])
def test_what_the_engine_keeps_to_itself_is_no_change(name: str) -> None:
    """Which of the lists are secret is for the provider alone."""
    change = updated(
        "Guardrail",
        "strict",
        {"description": "a"},
        {"description": "b", name: ["emails"]},
        "lab",
    )
    assert name not in "\n".join(lines(LAB, change))


def test_a_rotated_key_keeps_its_guardrail() -> None:
    """The new key is not known yet, and no less restricted; others are called by their names."""
    old, other = "a" * 64, "b" * 64
    rotation = replaced("ApiKey", "ci", {"limit": 1}, {"limit": 1}, "keepers")
    kept_key = kept("ApiKey", "bot", "lab", limit=1)
    for step_of, key_hash in (*((each, old) for each in rotation), (kept_key, other)):
        step_of["oldState"]["id"] = key_hash
    guardrail = updated("Guardrail", "g", {"keys": [old, other]}, {"keys": [UNKNOWN]}, "lab")
    found = lines(LAB, *rotation, kept_key, guardrail)
    assert [line for line in found if "holds for" in line] == [
        "  - looser: no longer holds for API keys: `bot`"
    ]


def test_the_key_of_a_provider_stays_hidden() -> None:
    """That it changes is said."""
    secret = {"provider": "openai", "key": "[secret]"}
    change = updated("ByokKey", "own", secret, secret, "lab")
    found = lines(LAB, change)
    assert found[found.index("- changed: `own` in `lab`") + 1] == "  - `key`: [secret], may change"


def test_a_budget_that_moves_to_another_workspace_is_replaced() -> None:
    """The review says why."""
    found = lines(
        *replaced(
            "WorkspaceBudget",
            "limits",
            {"workspace_id": "u", "daily_limit_usd": 5},
            {"workspace_id": "v", "daily_limit_usd": 5},
            "workspace_id",
        )
    )
    assert "- budget `limits` in `v`: for `workspace_id`" in found
    assert rows(found) == [
        "| workspace `u` | daily | $5 | no limit |  |",
        "| workspace `v` | daily | not declared | $5 |  |",
    ]


# the rest


def test_other_resources_are_counted_and_not_listed() -> None:
    """Those of other packages, without Pulumi's own and without components."""
    found = lines(
        created("aws:s3/bucket:Bucket", "secret-plan"),
        deleted("aws:s3/bucket:Bucket", "b"),
        created("pulumi:providers:aws", "default"),
        created("openrouter:index:TeamWorkspace", "team"),
    )
    assert found == [
        "OpenRouter: nothing changes in stack `dev`. "
        "2 other resources change and are not listed: 1 created, 1 deleted."
    ]


def test_nothing_to_say_is_one_line() -> None:
    """Whatever does not change."""
    assert lines(LAB) == ["OpenRouter: nothing changes in stack `dev`."]


def test_a_failed_preview_is_not_called_unchanged() -> None:
    """Its errors are shown on one line each."""
    found = lines(errors=("no such\nworkspace",))
    assert found == [
        "### OpenRouter: the preview of stack `dev` failed",
        "What follows may not be all of it.",
        "#### Errors",
        "- `no such workspace`",
    ]

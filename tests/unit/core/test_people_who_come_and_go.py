"""People leave an organization, come back, and may be known by no email."""

from __future__ import annotations

import pytest

from pulumi_openrouter.simulator import Quirks, Simulator
from tests.support.runs import NewRun
from tests.unit.core.scenes import Members, emails, failure


@pytest.fixture
def team(simulator: Simulator, new_run: NewRun) -> Members:
    """The members of a new workspace."""
    return Members.of_team(simulator, new_run)


def return_of(team: Members, name: str) -> None:
    """Somebody leaves the organization, and comes back with the same address."""
    organization = team.simulator.organization
    before = team.id_of(name)
    organization.remove_member(before)
    assert organization.add_member(f"{name}@example.com").id != before


@pytest.mark.reliability(
    "somebody who leaves the organization and comes back with the same address and another id",
    "no up fails; a refresh shows that they are missing, and the next up adds them",
)
def test_who_comes_back_is_added_again(team: Members) -> None:
    """By the id that they have now; until then nobody's change fails because of them."""
    state = team.up(emails=emails("ada", "grace"))
    return_of(team, "grace")
    state = team.up(state, emails=emails("ada", "alan", "grace"))
    assert team.live == ["ada", "alan"]
    refreshed = team.refresh(state)
    assert refreshed is not None
    assert refreshed.outputs["emails"] == emails("ada", "alan")
    state = team.up(refreshed, emails=emails("ada", "alan", "grace"))
    assert team.live == ["ada", "alan", "grace"]
    team.destroy(state)
    assert team.live == []


def test_who_came_back_by_hand_is_no_stranger(team: Members) -> None:
    """An exclusive membership recognises them by their address, and leaves them in."""
    state = team.up(emails=emails("ada", "grace"), exclusive=True)
    return_of(team, "grace")
    team.given("grace")
    team.up(state, emails=emails("ada", "alan", "grace"), exclusive=True)
    assert team.live == ["ada", "alan", "grace"]


def test_who_left_for_good_can_be_dropped(team: Members) -> None:
    """Without them in the program, the up changes only what it says."""
    state = team.up(emails=emails("ada", "grace"))
    team.simulator.organization.remove_member(team.id_of("grace"))
    team.up(state, emails=emails("ada", "alan"))
    assert team.live == ["ada", "alan"]


def test_somebody_without_an_email_disturbs_nobody(team: Members) -> None:
    """The others are found by their addresses, and they themselves by their id."""
    nameless = team.simulator.organization.add_member("").id
    team.up(emails=emails("ada"), user_ids=[nameless])
    assert sorted(team.simulator.organization.members(team.id)) == sorted(
        [team.id_of("ada"), nameless]
    )
    assert team.get().outputs["user_ids"] == sorted([team.id_of("ada"), nameless])


@pytest.mark.parametrize("quirks", [Quirks(page_cap=2)], ids=["pages of two"])
def test_who_is_in_the_organization_is_found_though_its_pages_shift(team: Members) -> None:
    """Somebody who leaves while the pages are read moves the others, and hides none of them."""
    organization = team.simulator.organization
    everybody = list(organization.people)
    gone = [everybody[0].id]

    class Shifting(type(organization)):  # type: ignore[misc]
        """An organization that somebody leaves between its first page and its second."""

        @property
        def people(self) -> list[object]:
            """Everybody; the first question is the last that the first person is there for."""
            found = list(super().people)
            if gone and len(team.simulator.requests("GET", "/organization/members")) == 2:
                self.remove_member(gone.pop())
                found = list(super().people)
            return found

    organization.__class__ = Shifting
    team.up(emails=emails("alan", "edsger"))
    assert team.live == ["alan", "edsger"]
    assert not gone


def test_who_is_not_there_is_still_named(team: Members) -> None:
    """A list that was read once more is believed."""
    error = failure(lambda: team.up(emails=emails("ada", "nobody")))
    assert "not in the organization: nobody@example.com" in str(error)

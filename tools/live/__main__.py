"""Look at the real API, and compare it with the simulator: `make live`.

It needs OPENROUTER_MANAGEMENT_KEY, of an organization without credit. It makes workspaces of its
own, with keys that can't spend, and deletes them in the end; it changes nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

import yaml

from pulumi_openrouter.api.base_url import PUBLIC_BASE_URL, checked_base_url
from pulumi_openrouter.core.settings import Settings
from pulumi_openrouter.simulator.quirks import Quirks
from tools.live import budgets, guardrails, keys, members, provider_keys, workspaces
from tools.live.assumptions import HEAD, Assumption, Outcome, looked_at, switched
from tools.live.probe import Probe

NOT_LOOKED_AT = {
    "scoped_key": "a key with this limit can't make the workspace that is looked at",
    "default_workspace_deletable": "where it is true, looking would delete what others made",
}
"""Quirks that can't be looked at without harm."""


@switched("requests one after the other are not too many", "requests_per_second", {"yes": None})
def rate_limit(probe: Probe) -> str:
    """Has to come last."""
    return "yes" if probe.refused == 0 else f"{probe.refused} were refused"


ASSUMPTIONS: tuple[Assumption, ...] = (
    *workspaces.ASSUMPTIONS,
    *budgets.ASSUMPTIONS,
    *members.ASSUMPTIONS,
    *keys.ASSUMPTIONS,
    *guardrails.ASSUMPTIONS,
    *provider_keys.ASSUMPTIONS,
    rate_limit,
)


def compared(probe: Probe, quirks: Quirks) -> list[Outcome]:
    """All that is assumed of an account with these quirks, and what is seen of it."""
    return list(looked_at(ASSUMPTIONS, probe, quirks))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns 1 if something differs."""
    parser = argparse.ArgumentParser(prog="python -m tools.live", description=__doc__)
    parser.add_argument(
        "--quirk",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what is known to be otherwise with this account, such as enterprise=false",
    )
    parser.add_argument("--with-credit", action="store_true", help="look though there is credit")
    options = parser.parse_args(arguments)
    quirks = Quirks(**dict(_quirk(text) for text in options.quirk))
    settings = Settings.load(lambda _: None)
    base_url = checked_base_url(settings.base_url or PUBLIC_BASE_URL)
    with Probe(settings.key, base_url) as probe:
        if not options.with_credit and (credit := _credit(probe)) > 0:
            parser.error(f"this organization has a credit of ${credit:.2f}: use one without")
        found = compared(probe, quirks)
    print(*HEAD, *found, sep="\n")
    for name, reason in NOT_LOOKED_AT.items():
        print(f"\n`{name}` is not looked at: {reason}.")
    return int(any(outcome.differs for outcome in found))


def _quirk(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    return name, yaml.safe_load(value)


def _credit(probe: Probe) -> float:
    """What is left to spend, in USD; 0 where the key may not see that."""
    answer = probe.get("/credits")
    if answer.status >= 300:
        return 0.0
    return float(answer.data["total_credits"]) - float(answer.data["total_usage"])


if __name__ == "__main__":
    sys.exit(main())

"""A Pulumi of its own: nothing of the user's reaches it, and nothing of it stays behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

SETTINGS = ("PULUMI_", "OPENROUTER_")
INSTALLATION_SETTINGS = (
    "PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
)
"""What the caller's Pulumi needs because of how it was installed."""


def isolated_pulumi(folder: Path, caller: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of an isolated Pulumi, whose home and state are in a folder.

    It has the caller's environment without settings of Pulumi and OpenRouter. Programs and
    their provider run in this Python. Plugins that the caller has downloaded are shared.

    Args:
        folder: gets the folders `home` and `state`.
        caller: the environment to start from; None is that of this process.
    """
    environment = os.environ if caller is None else caller
    home, state = folder / "home", folder / "state"
    for made in (home, state):
        made.mkdir(parents=True, exist_ok=True)
    plugins = Path(environment.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    if plugins.is_dir() and not (home / "plugins").exists():
        (home / "plugins").symlink_to(plugins)
    python = Path(sys.executable)
    search = [str(python.parent), *filter(None, [environment.get("PATH")])]
    return {
        **{name: value for name, value in environment.items() if _is_kept(name)},
        "PATH": os.pathsep.join(search),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        "PULUMI_HOME": str(home),
        "PULUMI_PYTHON_CMD": str(python),
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }


def _is_kept(name: str) -> bool:
    return name in INSTALLATION_SETTINGS or not name.startswith(SETTINGS)

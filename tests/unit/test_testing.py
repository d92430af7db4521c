"""The pytest plugin, as far as it needs no engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulumi_openrouter.core.settings import Settings
from pulumi_openrouter.simulator import Quirks, Simulator
from pulumi_openrouter.testing import isolated_pulumi

pytest_plugins = ["pytester"]

pytestmark = pytest.mark.openrouter(members=3, workspaces=1)


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of somebody who uses the real API."""
    for name in ("MANAGEMENT_KEY", "BASE_URL", "ORGANIZATION_ID"):
        monkeypatch.setenv(f"OPENROUTER_{name}", f"my own {name}")
    yield
    assert os.environ["OPENROUTER_BASE_URL"] == "my own BASE_URL"


@pytest.mark.usefixtures("elsewhere")
def test_all_of_a_test_talks_to_the_simulator(request: pytest.FixtureRequest) -> None:
    """Its settings replace those of whoever runs the tests, until the test ends."""
    openrouter: Simulator = request.getfixturevalue("openrouter")
    settings = Settings.load(lambda _: None)
    assert settings.organization_id is None
    assert [workspace.slug for workspace in settings.connect().list_workspaces()] == [
        "default",
        "team-1",
    ]
    assert [entry.path for entry in openrouter.log] == ["/workspaces"]


@pytest.mark.openrouter(workspaces=2, quirks=Quirks(enterprise=False))
def test_marks_say_what_the_organization_has(openrouter: Simulator) -> None:
    """That of a test adds to that of its module, and wins over it."""
    slugs = [workspace.slug for workspace in openrouter.organization.workspaces]
    assert (len(openrouter.organization.people), slugs) == (3, ["default", "team-1", "team-2"])
    assert not openrouter.organization.quirks.enterprise


def test_a_misspelt_mark_is_an_error(pytester: pytest.Pytester) -> None:
    """It names what there is not."""
    pytester.makepyfile(
        """
        import pytest
        @pytest.mark.openrouter(memberz=3)
        def test(openrouter): pass
        """
    )
    result = pytester.runpytest("--strict-markers")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*unexpected keyword argument 'memberz'*"])


def test_who_does_not_use_the_plugin_does_not_pay_for_it(pytester: pytest.Pytester) -> None:
    """It is loaded in every run, and loads neither Pulumi nor what the simulator needs."""
    pytester.makepyfile(
        """
        import sys
        def test():
            assert "pulumi_openrouter.testing" in sys.modules
            assert not {"pulumi", "flask", "requests", "yaml", "attrs"} & set(sys.modules)
        """
    )
    # Other plugins bring some of these themselves.
    names = ("hypothesispytest", "anyio", "schemathesis")
    others = [option for name in names for option in ("-p", f"no:{name}")]
    pytester.runpytest_subprocess(*others).assert_outcomes(passed=1)


def test_without_the_extra_only_the_fixture_fails(pytester: pytest.Pytester) -> None:
    """It says what to install, and other tests run."""
    pytester.makeconftest("import sys; sys.modules['flask'] = None")
    pytester.makepyfile(
        """
        def test_other(): pass
        def test_own(openrouter): pass
        """
    )
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*pip install 'pulumi-openrouter*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_without_an_engine_the_fixture_says_where_it_is(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The error names Pulumi's own page, and nothing else is run."""
    monkeypatch.setenv("PATH", str(tmp_path))
    pytester.makepyfile("def test(openrouter_stack): pass")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*no `pulumi` on PATH: see https://www.pulumi.com/docs/install/"])


# isolated_pulumi


def test_an_isolated_pulumi_has_nothing_of_the_callers(tmp_path: Path) -> None:
    """Settings of Pulumi and OpenRouter are left out, all else is as the caller has it."""
    kept = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"
    caller = {
        "HOME": "/home/ada",
        "PULUMI_ACCESS_TOKEN": "mine",
        "PULUMI_BACKEND_URL": "mine",
        "PULUMI_HOME": str(tmp_path / "nowhere"),
        "OPENROUTER_MANAGEMENT_KEY": "mine",
        kept: "true",
    }
    folder = tmp_path / "isolated"
    assert isolated_pulumi(folder, caller) == {
        "HOME": "/home/ada",
        "PATH": str(Path(sys.executable).parent),
        "PULUMI_BACKEND_URL": (folder / "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        kept: "true",
    }
    assert (folder / "state").is_dir()
    assert list((folder / "home").iterdir()) == []


def test_an_isolated_pulumi_starts_from_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without another caller its environment is that of this process, this Python before all."""
    monkeypatch.setenv("OPENROUTER_TIMEOUT", "5")
    monkeypatch.setenv("SHOP", "open")
    environment = isolated_pulumi(tmp_path)
    assert environment["SHOP"] == "open"
    assert "OPENROUTER_TIMEOUT" not in environment
    assert environment["PATH"].endswith(f"{os.pathsep}{os.environ['PATH']}")
    assert os.environ["OPENROUTER_TIMEOUT"] == "5"


def test_an_isolated_pulumi_shares_the_plugins(tmp_path: Path) -> None:
    """What the caller has downloaded is not downloaded again, whichever home it is in."""
    plugins = tmp_path / "mine" / "plugins"
    plugins.mkdir(parents=True)
    folder = tmp_path / "isolated"
    for _ in ("first", "again"):
        isolated_pulumi(folder, {"PULUMI_HOME": str(plugins.parent)})
        assert (folder / "home" / "plugins").samefile(plugins)


def test_an_isolated_pulumi_needs_no_pytest() -> None:
    """It can be imported where neither pytest nor Pulumi is installed."""
    code = (
        "import sys; sys.modules.update(pytest=None, pulumi=None)\n"
        "from pulumi_openrouter.testing import isolated_pulumi"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""GitHub's workflows and forms for this project; `make lint` checks them by their schemas."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tools.paths import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted(path.name for path in (GITHUB / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text()


def loaded(name: str) -> dict[str, Any]:
    found = yaml.safe_load((GITHUB / name).read_text())
    return dict(found)


def jobs(name: str) -> dict[str, dict[str, Any]]:
    return dict(loaded(f"workflows/{name}")["jobs"])


def scripts(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job["steps"] if "run" in step]


def test_what_there_is() -> None:
    """What a pull request has to pass, a release, and a look at the real API."""
    assert WORKFLOWS == ["ci.yml", "live.yml", "release.yml"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_job_may_read_and_only_one_may_publish(name: str) -> None:
    """The token of a run reads the repository; that of the upload is for the index alone."""
    assert loaded(f"workflows/{name}")["permissions"] == {"contents": "read"}
    granted = {key: job["permissions"] for key, job in jobs(name).items() if "permissions" in job}
    assert granted == ({"publish": {"id-token": "write"}} if name == "release.yml" else {})


@pytest.mark.parametrize("name", WORKFLOWS)
def test_no_script_holds_an_expression(name: str) -> None:
    """What GitHub would paste into a script could be somebody's words; and pipes tell failures."""
    for job in jobs(name).values():
        assert [script for script in scripts(job) if "${{" in script] == []
    assert loaded(f"workflows/{name}")["defaults"] == {"run": {"shell": "bash"}}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_target_of_make_exists(name: str) -> None:
    """What a workflow makes, anybody can make."""
    targets = set(re.findall(r"^(\w+):", MAKEFILE, re.MULTILINE))
    for job in jobs(name).values():
        assert set(re.findall(r"\bmake (\w+)", "\n".join(scripts(job)))) <= targets


def test_ci_runs_what_every_machine_runs() -> None:
    """And the whole matrix once a change is merged."""
    found = jobs("ci.yml")
    assert scripts(found["lint-and-test"])[-1] == "bash .ci/run"
    assert scripts(found["matrix"])[-1].startswith("make matrix ")


def test_a_release_is_built_apart_from_who_publishes_it() -> None:
    """Nothing of the repository runs where the token for the index is, which attests the files."""
    found = jobs("release.yml")
    assert scripts(found["build"])[-2:] == ["make test", "make dist"]
    assert scripts(found["publish"]) == []
    assert found["publish"]["needs"] == "build"
    assert found["publish"]["environment"]["name"] == "pypi"
    (upload,) = (step for step in found["publish"]["steps"] if "pypi" in step["uses"])
    assert upload["with"] == {"attestations": True}


def test_the_live_check_is_off_without_a_key() -> None:
    """Each step after the first wants to know that the secret is set."""
    first, *rest = jobs("live.yml")["live"]["steps"]
    assert {step["if"] for step in rest} == {f"steps.{first['id']}.outputs.is-set"}


def test_dependencies_of_every_kind_are_watched() -> None:
    """Python's, those of the engine, and the actions here and in the example."""
    updates = {each["package-ecosystem"]: each for each in loaded("dependabot.yml")["updates"]}
    assert set(updates) == {"pip", "gomod", "github-actions"}
    for update in updates.values():
        for folder in update.get("directories", [update.get("directory")]):
            assert (ROOT / folder.lstrip("/")).is_dir()


def test_what_is_linted_before_a_commit_is_linted_in_ci() -> None:
    """The hooks run the linters of `make lint`, from the same environment."""
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    lint = MAKEFILE.partition("\nlint:")[2].partition("\n\n")[0]
    for hook in local["hooks"]:
        program = re.match(r"\.venv/bin/([\w-]+)", hook["entry"])
        assert program is not None
        assert program[1] in lint

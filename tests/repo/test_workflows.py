"""The GitHub Actions workflows of examples/environments, and the page that explains them."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.support.workflows import (
    EXAMPLE,
    EXPRESSION,
    INSTALLATION,
    WORKFLOWS,
    Job,
    jobs,
    workflow,
)
from tools.paths import DOCS, ROOT

FILES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
CALLED = "up-stack.yml"
KEY = "OPENROUTER_MANAGEMENT_KEY"
IN_JOB_ENV = {"github", "inputs", "matrix", "needs", "secrets", "strategy", "vars"}
MAY_WRITE = {
    "preview.yml": {"preview": {"contents": "read", "pull-requests": "write"}},
    "drift.yml": {"drift": {"contents": "read", "issues": "write"}},
}
SAME_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"
PAGE = (DOCS / "environments.md").read_text()
TESTS_ON_THE_ENGINE = ROOT / "tests" / "engine" / "test_environments.py"
JOBS = [
    pytest.param(file, job, id=f"{file}:{job.name}")
    for file in FILES
    if file != CALLED
    for job in jobs(file).values()
]


def triggers(file: str) -> list[str]:
    on = workflow(file)["on"]
    return [on] if isinstance(on, str) else list(on)


def actions(job: Job) -> list[str]:
    return [step["uses"] for step in job.definition["steps"] if "uses" in step]


def run_on_the_engine() -> set[tuple[Any, ...]]:
    """The jobs that the tests of the engine run, by file and name."""
    tree = ast.parse(TESTS_ON_THE_ENGINE.read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        tuple(argument.value for argument in call.args[:2] if isinstance(argument, ast.Constant))
        for call in calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "run_job"
    }


def test_what_there_is() -> None:
    """Preview, up, a pull request's own stack and its end, drift, and rotation."""
    assert FILES == [
        "drift.yml",
        "preview.yml",
        "pull-request-closed.yml",
        "pull-request.yml",
        "rotate.yml",
        CALLED,
        "up.yml",
    ]


def test_workflows_are_what_github_takes() -> None:
    """By the official schema of workflows, as a package ships it."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.github-workflows"),
            *map(str, sorted(WORKFLOWS.glob("*.yml"))),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("file", "job"), JOBS)
def test_every_job_is_run_on_the_engine(file: str, job: Job) -> None:
    """What a workflow runs, a test has run as it stands, but for the installation."""
    assert (file, job.name) in run_on_the_engine()
    assert job.scripts[0] == INSTALLATION
    assert any(re.search(r"^ *pulumi ", script, re.MULTILINE) for script in job.scripts[1:])


@pytest.mark.parametrize(("file", "job"), JOBS)
def test_actions_are_official_and_pinned_by_commit(file: str, job: Job) -> None:
    """Checkout, Python and Pulumi come before anything is run, and nobody can move them."""
    names, versions = zip(*(action.split("@") for action in actions(job)), strict=True)
    assert names == ("actions/checkout", "actions/setup-python", "pulumi/actions")
    assert all(re.fullmatch(r"[0-9a-f]{40}", version) for version in versions)


@pytest.mark.parametrize("file", FILES)
def test_a_workflow_may_only_read_the_repository(file: str) -> None:
    """The token of a run is good for a checkout, and where it says something, for saying that."""
    assert workflow(file)["permissions"] == {"contents": "read"}
    granted = {
        name: job["permissions"]
        for name, job in workflow(file)["jobs"].items()
        if "permissions" in job
    }
    assert granted == MAY_WRITE.get(file, {})


@pytest.mark.parametrize(("file", "job"), JOBS)
def test_expressions_stand_where_github_expands_them(file: str, job: Job) -> None:
    """No script holds one, and a job's variables use those contexts only that exist there."""
    assert [script for script in job.scripts if "${{" in script] == []
    found = [name for text in job.environment.values() for name in EXPRESSION.findall(text)]
    assert {name.partition(".")[0] for name in found} <= IN_JOB_ENV
    assert sum(text.count("${{") for text in job.environment.values()) == len(found)


def test_the_preview_has_no_key() -> None:
    """Whatever a pull request changes in the program, there is no key that it could use."""
    for job in jobs("preview.yml").values():
        assert KEY not in yaml.safe_dump(job.definition)


def test_forks_get_no_secrets() -> None:
    """A job on a pull request is either for this repository only, or without any secret."""
    for file in ("preview.yml", "pull-request.yml", "pull-request-closed.yml"):
        for job in jobs(file).values():
            if "secrets." in yaml.safe_dump(job.definition):
                assert job.condition == SAME_REPOSITORY
    fork = jobs("preview.yml")["preview-of-fork"]
    assert fork.condition == SAME_REPOSITORY.replace("==", "!=")
    assert "secrets." not in yaml.safe_dump(fork.definition)


def test_only_the_end_of_a_pull_request_runs_with_the_rights_of_the_base() -> None:
    """And it checks the base out, never the pull request."""
    assert [file for file in FILES if "pull_request_target" in triggers(file)] == [
        "pull-request-closed.yml"
    ]
    (job,) = jobs("pull-request-closed.yml").values()
    assert job.definition["steps"][0]["with"] == {"persist-credentials": False}
    assert "head" not in yaml.safe_dump(job.definition["steps"])


def test_a_stack_is_changed_by_one_run_at_a_time() -> None:
    """Runs that have the key take turns, and none is cancelled in the middle."""
    groups = {}
    for file, job in (case.values for case in JOBS):
        assert isinstance(file, str)
        assert isinstance(job, Job)
        if KEY in job.environment:
            concurrency = job.definition["concurrency"]
            assert concurrency["cancel-in-progress"] is False
            assert job.definition["environment"]
            groups[file] = concurrency["group"]
    assert groups["up.yml"] == "openrouter-${{ inputs.stack }}"
    assert groups["pull-request.yml"] == groups["pull-request-closed.yml"]
    assert groups["pull-request.yml"] == "openrouter-pr-${{ github.event.number }}"


def test_every_stack_is_told_whose_workspaces_it_is_about() -> None:
    """Those with a file by the file, that of a pull request by its workflows."""
    for stack in ("dev", "staging", "prod"):
        config = yaml.safe_load((EXAMPLE / f"Pulumi.{stack}.yaml").read_text())["config"]
        assert config["openrouter:organizationId"]
    for file in ("pull-request.yml", "pull-request-closed.yml"):
        (job,) = jobs(file).values()
        assert "vars." in job.environment["OPENROUTER_ORGANIZATION_ID"]


def test_prod_comes_last() -> None:
    """A merge goes to dev, then staging, then prod, each after the one before went well."""
    assert triggers("up.yml") == ["push"]
    chain = {name: job.get("needs") for name, job in workflow("up.yml")["jobs"].items()}
    assert chain == {"dev": None, "staging": "dev", "prod": "staging"}
    assert [job.context for job in jobs("up.yml").values()] == [
        {"inputs.stack": stack} for stack in chain
    ]


def test_the_page_names_every_secret_and_variable() -> None:
    """Whoever copies the workflows finds in docs/environments.md what they need."""
    texts = [(WORKFLOWS / file).read_text() for file in FILES]
    wanted = {name for text in texts for name in re.findall(r"(?:secrets|vars)\.(\w+)", text)}
    assert KEY in wanted
    assert [name for name in sorted(wanted) if f"`{name}`" not in PAGE] == []


def test_links_of_the_page_lead_somewhere() -> None:
    """Every file that docs/environments.md links to is there."""
    links = re.findall(r"\]\(((?!https?:)[^)#]+)\)", PAGE)
    assert links
    assert [link for link in links if not (DOCS / link).exists()] == []

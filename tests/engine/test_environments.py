"""One program in several environments, as examples/environments and its workflows have it."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from pulumi_openrouter.simulator import Simulator
from tests.support.github import BOT, GitHub
from tests.support.workflows import checkout, jobs
from tools.project import NOWHERE, Project

STACKS = ["dev", "staging", "prod"]
PASSPHRASE = "the passphrase of the state"
PULL_REQUEST = {"github.event.number": "7"}
REPOSITORY = {"github.repository": "acme/infra", "github.token": "a token"}
DAY = 24 * 3600.0


@pytest.fixture
def prod() -> Iterator[Simulator]:
    """Another organization than that of dev and staging."""
    with Simulator(random_seed=1) as running:
        yield running


@attrs.frozen
class Repository:
    """What is committed, and where the state lies; each clone of it is on another machine."""

    folder: Path
    state: str
    github: GitHub
    numbers: Iterator[int] = attrs.field(factory=itertools.count, repr=False)

    def clone(self, organization: Simulator | None = None) -> Project:
        """A checkout; with the base URL and the key of an organization, or with neither."""
        settings = {"PULUMI_BACKEND_URL": self.state, "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}
        return checkout(self._machine(), self.folder, simulator=organization, **settings)

    def init(self, *stacks: str) -> None:
        """What somebody does once: make the stacks, and commit their files."""
        clone = self.clone()
        for stack in stacks:
            clone.run("stack", "init", stack)
            shutil.copy(clone.folder / f"Pulumi.{stack}.yaml", self.folder)

    def run_job(self, file: str, name: str, organization: Simulator | None, **context: str) -> str:
        """Run a job on a fresh machine; without an organization there is no secret at all."""
        url = NOWHERE["OPENROUTER_BASE_URL"]
        context = {**REPOSITORY, **context}
        if organization:
            url = organization.base_url
            context["secrets.PULUMI_ACCESS_TOKEN"] = ""
            context["secrets.PULUMI_BACKEND_URL"] = self.state
            context["secrets.PULUMI_CONFIG_PASSPHRASE"] = PASSPHRASE
            context["secrets.OPENROUTER_MANAGEMENT_KEY"] = organization.key
            context["vars.OPENROUTER_ORGANIZATION_ID"] = organization.organization.id
        path = f"{self.github.folder}:{os.environ['PATH']}"
        runner = checkout(self._machine(), self.folder, OPENROUTER_BASE_URL=url, PATH=path)
        return jobs(file)[name].run(runner, **context)

    def _machine(self) -> Path:
        return self.folder.parent / f"machine-{next(self.numbers)}"


@pytest.fixture
def repository(tmp_path: Path, simulator: Simulator, prod: Simulator) -> Repository:
    """The example with the ids of its two organizations filled in."""
    (tmp_path / "state").mkdir()
    project = checkout(tmp_path / "repository")
    for stack in STACKS:
        file = project.folder / f"Pulumi.{stack}.yaml"
        text = file.read_text()
        text = text.replace("org_of_dev_and_staging", simulator.organization.id)
        file.write_text(text.replace("org_of_prod", prod.organization.id))
    github = GitHub.create(tmp_path / "github")
    return Repository(project.folder, (tmp_path / "state").as_uri(), github)


def limits(simulator: Simulator, slug: str) -> dict[str, float]:
    """What a workspace may spend."""
    budgets = simulator.organization.budget_list(slug)
    return {str(budget.interval): budget.limit_usd for budget in budgets}


def members(simulator: Simulator, slug: str) -> set[str]:
    """Who is in a workspace, by the name in the address."""
    organization = simulator.organization
    emails = [organization.person(id).email for id in organization.members(slug)]
    return {email.removesuffix("@example.com") for email in emails}


def names(simulator: Simulator) -> dict[str, str]:
    """The names of the workspaces by slug, but for that of the default one."""
    found = simulator.organization.workspaces
    return {each.slug: each.name for each in found if each.slug != "default"}


@pytest.mark.reliability(
    "one program for dev, staging and prod, by the workflows of the example",
    "previews without a key; each environment gets its own workspaces, limits and members",
)
def test_one_program_makes_three_environments(
    repository: Repository, simulator: Simulator, prod: Simulator
) -> None:
    """The preview of a pull request needs no key, and what is merged makes dev, staging, prod."""
    repository.init(*STACKS)
    repository.run_job("preview.yml", "preview", simulator, **PULL_REQUEST)
    (comment,) = repository.github.comments
    for stack in STACKS:
        assert f"what this changes in stack `{stack}`" in comment["body"]
        assert f"- created: `research-{stack}`" in comment["body"]
    assert simulator.log == prod.log == []

    repository.run_job("up.yml", "dev", simulator)
    repository.run_job("up.yml", "staging", simulator)
    repository.run_job("up.yml", "prod", prod)
    assert names(simulator) == {
        "research-dev": "Research (dev)",
        "support-dev": "Support (dev)",
        "research-staging": "Research (staging)",
        "support-staging": "Support (staging)",
    }
    assert names(prod) == {
        "research-prod": "Research (prod)",
        "support-prod": "Support (prod)",
    }
    assert limits(simulator, "research-dev") == {"daily": 10, "monthly": 100}
    assert limits(simulator, "research-staging") == {"daily": 20, "monthly": 200}
    assert limits(prod, "research-prod") == {"daily": 500, "monthly": 5000}
    assert members(simulator, "research-dev") == {"ada", "grace"}
    assert members(simulator, "research-staging") == {"ada"}
    assert members(prod, "research-prod") == {"ada", "alan", "grace"}


def test_a_pull_request_has_one_comment_with_what_it_changes(
    repository: Repository, simulator: Simulator
) -> None:
    """Each push edits it, nobody else's comment is touched, and the checks fail as asked."""
    repository.init(*STACKS)
    repository.github.comment("ada", "<!-- pulumi-openrouter review --> mine")
    repository.run_job("preview.yml", "preview", simulator, **PULL_REQUEST)
    file = repository.folder / "__main__.py"
    program = file.read_text().replace("daily_limit_usd=10 * scale,", "")
    file.write_text(program.replace("monthly_limit_usd=100 * scale,", ""))
    with pytest.raises(AssertionError, match="cat failed"):
        repository.run_job("preview.yml", "preview", simulator, **PULL_REQUEST)
    mine, comment = repository.github.comments
    assert mine["body"].endswith("mine")
    assert comment["user"]["login"] == BOT
    assert "| workspace `research-dev` | any | - | no limit |" in comment["body"]
    assert simulator.log == []


def test_a_drift_is_one_issue_until_nothing_differs(
    repository: Repository, simulator: Simulator
) -> None:
    """It is opened, brought up to date, and closed; a night without a drift opens none."""
    repository.init("dev")
    repository.run_job("up.yml", "dev", simulator)

    def night() -> list[tuple[str, str]]:
        repository.run_job("drift.yml", "drift", simulator, **{"matrix.stack": "dev"})
        return [(issue["state"], issue["body"]) for issue in repository.github.issues]

    assert night() == []
    simulator.organization.set_budget("research-dev", "monthly", 500)
    ((state, body),) = night()
    assert state == "open"
    assert "| workspace `research-dev` | monthly | $100 | $500 | +$400 |" in body
    simulator.organization.set_budget("research-dev", "monthly", 600)
    ((_, body),) = night()
    assert "| $100 | $600 | +$500 |" in body
    simulator.organization.set_budget("research-dev", "monthly", 100)
    ((state, _),) = night()
    assert state == "closed"


def test_prod_is_protected(repository: Repository, prod: Simulator) -> None:
    """Neither a destroy nor a team that was dropped deletes anything of prod."""
    repository.init("prod")
    clone = repository.clone(prod)
    clone.up("--stack", "prod")
    before = clone.run("stack", "export", "--stack", "prod").stdout
    clone.run("config", "rm", "teams.research", "--path", "--stack", "prod")
    prod.log.clear()
    for refused in (
        clone.up("--stack", "prod", check=False),
        clone.destroy("--stack", "prod", check=False),
    ):
        assert refused.code != 0
        assert "protected" in "\n".join(refused.errors)
    assert prod.writes() == []
    assert sorted(names(prod)) == ["research-prod", "support-prod"]
    after = clone.run("stack", "export", "--stack", "prod").stdout
    assert after.count('"protect": true') == before.count('"protect": true') == 8


@pytest.mark.reliability(
    "up of prod with the key of another organization",
    "refused, both organizations named, nothing sent",
)
def test_the_key_of_another_organization_changes_nothing(
    repository: Repository, simulator: Simulator, prod: Simulator
) -> None:
    """A stack that names its organization previews without a key, and takes only a key of it."""
    repository.init("prod")
    planned = repository.clone().preview("--stack", "prod")
    assert set(planned.changes.values()) == {"create"}

    refused = repository.clone(simulator).up("--stack", "prod", check=False)
    assert refused.code != 0
    said = "\n".join(refused.errors)
    wrong, right = simulator.organization.id, prod.organization.id
    assert f"the key belongs to organization {wrong}, not to {right}: nothing was sent" in said
    assert simulator.writes() == []
    assert names(simulator) == {}

    repository.clone(prod).up("--stack", "prod")
    asked = [(request.method, request.path) for request in prod.log]
    assert asked.count(("GET", "/key")) == 1
    first_change = next(nth for nth, (method, _) in enumerate(asked) if method != "GET")
    assert asked.index(("GET", "/key")) < first_change
    assert sorted(names(prod)) == ["research-prod", "support-prod"]


def test_an_application_finds_its_workspace(repository: Repository, simulator: Simulator) -> None:
    """Its stack takes the id from the stack of the same name, owns its people, rotates its key."""
    repository.init("dev")
    clone = repository.clone(simulator)
    clone.up("--stack", "dev")
    application = attrs.evolve(clone, folder=clone.folder / "app")
    application.run("stack", "init", "dev")
    simulator.log.clear()
    planned = application.using(OPENROUTER_MANAGEMENT_KEY="").preview()
    assert planned.changes.get("on-call") == "create"
    assert simulator.log == []

    simulator.organization.advance(-40 * DAY)
    application.up()
    workspace = simulator.organization.workspace("support-dev")
    (key,) = simulator.organization.keys
    assert application.outputs() == {"workspace_id": workspace.id, "key": key.secret}
    assert members(simulator, "support-dev") == {"grace", "katherine"}
    assert clone.up("--stack", "dev", "--refresh").changes == {}

    simulator.organization.advance(40 * DAY)
    shutil.copy(application.folder / "Pulumi.dev.yaml", repository.folder / "app")
    repository.run_job("rotate.yml", "rotate", simulator, **{"matrix.stack": "dev"})
    (rotated,) = simulator.organization.keys
    assert rotated.hash != key.hash
    assert application.outputs()["key"] == rotated.secret
    application.destroy()
    assert members(simulator, "support-dev") == {"grace"}


@pytest.mark.reliability(
    "a pull request's own stack: opened, pushed to, closed with an API key in its workspace",
    "small budget, nothing done twice, workspaces and stack gone",
)
def test_a_pull_request_has_workspaces_while_it_is_open(
    repository: Repository, simulator: Simulator
) -> None:
    """They come with a small budget, are kept at each push, and go when it is closed."""

    def pushed() -> str:
        return repository.run_job("pull-request.yml", "up", simulator, **PULL_REQUEST)

    pushed()
    assert names(simulator) == {
        "research-pr-7": "Research (pr-7)",
        "support-pr-7": "Support (pr-7)",
    }
    assert limits(simulator, "research-pr-7") == {"daily": 1, "monthly": 10}
    simulator.organization.create_key(name="made by a test run", workspace="research-pr-7")

    simulator.log.clear()
    assert "9 unchanged" in pushed()
    assert simulator.log == []

    repository.run_job("pull-request-closed.yml", "destroy", simulator, **PULL_REQUEST)
    assert names(simulator) == {}
    assert json.loads(repository.clone().run("stack", "ls", "--json").stdout) == []


def test_a_pull_request_may_be_closed_before_it_was_up(
    repository: Repository, simulator: Simulator
) -> None:
    """Then there is nothing to destroy, and no stack is left either."""
    repository.run_job("pull-request-closed.yml", "destroy", simulator, **PULL_REQUEST)
    assert simulator.log == []
    assert json.loads(repository.clone().run("stack", "ls", "--json").stdout) == []


def test_a_fork_is_previewed_without_any_secret(repository: Repository) -> None:
    """Neither state nor passphrase nor key is needed to find a mistake in prod's configuration."""
    repository.init("prod")

    def preview() -> str:
        stack = {"matrix.stack": "prod"}
        return repository.run_job("preview.yml", "preview-of-fork", None, **stack)

    assert "- created: `research-prod`" in preview()
    config = repository.folder / "Pulumi.prod.yaml"
    config.write_text(config.read_text().replace("grace@example.com", "grace"))
    with pytest.raises(AssertionError, match="must be an email address"):
        preview()

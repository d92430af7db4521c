"""API keys on the real engine: their secret, their rotation, their end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pulumi_openrouter.simulator import Simulator
from tests.engine.traffic import sent
from tools.project import NOWHERE, Project

DAY = 24 * 3600.0
HASH_LENGTH = 64


class Secrets:
    """Every secret of a key that there ever was."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.seen: set[str] = set()

    def note(self) -> None:
        """Remember those of the keys that are there."""
        self.seen |= {key.secret for key in self.simulator.organization.keys}

    def found_in(self, project: Project, folder: Path) -> list[str]:
        """The lines with one of them, of what a command wrote to the terminal or to a file."""
        files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
        assert len(files) > 5
        texts = [*project.transcript, *(content.decode(errors="replace") for content in files)]
        return [
            line
            for text in texts
            for line in text.splitlines()
            if any(secret in line for secret in self.seen)
        ]


def path_of(line: str) -> str:
    """A request without the hash of a key."""
    return line[: -HASH_LENGTH - 1] if line[-HASH_LENGTH:].isalnum() else line


def key_requests(simulator: Simulator) -> list[str]:
    """The changes since the last look, without hashes."""
    return [path_of(line) for line in sent(simulator, writes=True)]


@pytest.mark.reliability(
    "a key through up, change, move, rotation, refresh, up --refresh, export and import, and its "
    "dependents, with OPENROUTER_LOG=debug and the stream of events",
    "its secret is in no output, log, event, state, backup or history in clear",
)
def test_the_secret_is_found_nowhere(
    project: Project, simulator: Simulator, tmp_path: Path
) -> None:
    """It is encrypted wherever the engine writes it, through all that happens to a key."""
    secrets = Secrets(simulator)
    project = project.using(OPENROUTER_LOG="debug")

    def up(program: str, *arguments: str) -> None:
        project.program(program)
        project.run("preview", "--diff")
        project.up(*arguments)
        secrets.note()

    program = """
        team = Workspace("team")
        other = Workspace("other")
        key = ApiKey("ci", workspace_id={workspace}, limit={limit}, keepers={keepers})
        Workspace("reader", description=key.key)
        pulumi.export("key", key.key)
    """
    up(program.format(workspace="team", limit=5, keepers={}))
    first = project.outputs()["key"]
    project.transcript.pop()
    assert first == simulator.organization.keys[0].secret
    assert simulator.organization.workspace("reader").description == first
    up(program.format(workspace="team", limit=7, keepers={}))
    up(program.format(workspace="other.id", limit=7, keepers={}))
    project.run("refresh", "--yes", "--diff")
    up(program.format(workspace="other", limit=8, keepers={}), "--refresh")
    exported = tmp_path / "exported.json"
    project.run("stack", "export", "--file", str(exported))
    project.run("stack", "import", "--file", str(exported))
    assert project.up().changes == {}
    assert project.outputs()["key"] == first
    project.transcript.pop()
    up(program.format(workspace="other", limit=8, keepers={"month": "2"}))
    assert project.outputs()["key"] != first
    project.transcript.pop()
    project.run("stack", "export")
    project.run("stack")
    project.run("destroy", "--yes", "--diff")
    assert len(secrets.seen) == 2
    assert secrets.found_in(project, tmp_path) == []


def test_a_key_moves_to_another_stack(
    project: Project, simulator: Simulator, tmp_path: Path
) -> None:
    """`pulumi state move` takes the secret along, encrypted for its new stack."""
    project.program("""
        key = ApiKey("ci", workspace_id=get_workspace("default").id)
        pulumi.export("key", key.key)
    """)
    project.up()
    secret = project.outputs()["key"]
    project.run("stack", "init", "elsewhere")
    elsewhere = "organization/shop/elsewhere"
    project.run(
        *("state", "move", "--yes", "--source", "organization/shop/test", "--dest", elsewhere),
        project.urn("ApiKey", "ci"),
    )
    moved = project.run("stack", "select", "elsewhere")
    assert project.up().changes == {}
    assert project.outputs()["key"] == secret
    assert len(simulator.organization.keys) == 1
    assert moved.returncode == 0
    assert all(secret not in text for text in project.state_files())


def test_dependents_get_the_new_key_before_the_old_one_dies(
    project: Project, simulator: Simulator
) -> None:
    """A rotation makes a key, updates what depends on it, and deletes the old key, in one up."""
    program = """
        team = Workspace("team")
        key = ApiKey("ci", workspace_id=team, keepers={keepers})
        Workspace("reader", description=key.label)
    """
    project.program(program.format(keepers={}))
    project.up()
    old = simulator.organization.keys[0]
    sent(simulator)
    project.program(program.format(keepers={"leaked": "yes"}))
    preview = project.using(**NOWHERE).preview()
    assert preview.steps["ci"] in ("replace", "create-replacement", "delete-replaced")
    project.up()
    assert key_requests(simulator) == ["POST /keys", "PATCH /workspaces/<reader>", "DELETE /keys"]
    (new,) = simulator.organization.keys
    assert new.hash != old.hash
    assert simulator.organization.workspace("reader").description == new.label


def test_a_key_is_rotated_by_its_age(project: Project, simulator: Simulator) -> None:
    """The preview shows it and the up does it; a refresh finds no drift in it."""
    simulator.organization.advance(-40 * DAY)
    project.program("""
        team = Workspace("team")
        ApiKey("ci", workspace_id=team, rotate_after_days=60, lifetime_days=365)
    """)
    project.up()
    assert project.up("--expect-no-changes").changes == {}
    project.program("""
        team = Workspace("team")
        ApiKey("ci", workspace_id=team, rotate_after_days=30, lifetime_days=365)
    """)
    simulator.organization.advance(40 * DAY)
    assert "ci" in project.using(**NOWHERE).preview().changes
    sent(simulator)
    project.refresh("--expect-no-changes")
    assert sorted(path_of(line) for line in sent(simulator)) == ["GET /keys", "GET /workspaces"]
    project.up()
    assert key_requests(simulator) == ["POST /keys", "DELETE /keys"]
    assert project.up("--expect-no-changes").changes == {}


def test_a_stack_takes_its_keys_along(project: Project, simulator: Simulator) -> None:
    """Keys are deleted before their members and their workspace, which they hold back."""
    project.program("""
        team = TeamWorkspace(
            "team",
            emails=["ada@example.com"],
            keys={"system": {"limit": 5}, "ada": {"creator_email": "ada@example.com"}},
        )
        pulumi.export("keys", team.keys)
    """)
    project.up()
    ada = simulator.organization.person("ada@example.com").id
    keys = {key.name: key for key in simulator.organization.keys}
    assert {name: key.creator_user_id for name, key in keys.items()} == {
        "team-system": None,
        "team-ada": ada,
    }
    assert project.outputs() == {
        "keys": {name: keys[f"team-{name}"].secret for name in ("system", "ada")}
    }
    assert project.up("--expect-no-changes").changes == {}
    sent(simulator)
    project.destroy()
    requests = key_requests(simulator)
    assert sorted(requests[:2]) == ["DELETE /keys", "DELETE /keys"]
    assert len(requests) == 3
    assert [each.slug for each in simulator.organization.workspaces] == ["default"]


def test_a_stray_key_of_nobody_is_in_the_way(project: Project, simulator: Simulator) -> None:
    """A workspace with keys that no stack knows is deleted with force_destroy alone."""
    program = 'Workspace("team", force_destroy={force})'
    project.program(program.format(force=False))
    project.up()
    simulator.organization.create_key("by hand", workspace="team")
    assert "has API keys: by hand" in project.destroy(check=False).errors[0]
    project.program(program.format(force=True))
    project.up()
    project.destroy()
    assert simulator.organization.keys == []


def test_a_key_in_the_place_of_its_hash_is_not_shown(
    project: Project, simulator: Simulator
) -> None:
    """The preview refuses it by its property, and prints no part of it."""
    secret = f"sk-or-v1-{64 * '7'}"
    project.program(f"""
        id = "3f0c7d1a-54d1-4a3e-9a55-0f3a5a6b7c8d"
        ApiKey("ci", workspace_id=id, existing_hash={secret!r})
    """)
    found = project.using(**NOWHERE).preview(check=False)
    assert "property existing_hash[0] " in found.output
    assert "and never the key itself" in found.output
    assert all("777" not in text for text in project.transcript)
    assert simulator.log == []


def test_a_key_is_got_by_its_hash(project: Project, simulator: Simulator) -> None:
    """`get` reads all but the secret."""
    key = simulator.organization.create_key("theirs", limit=5)
    project.program(f"""
        key = ApiKey.get("theirs", "{key.hash}")
        pulumi.export("limit", key.limit)
        pulumi.export("key", key.key)
    """)
    project.up()
    assert project.outputs() == {"limit": 5}
    assert project.refresh("--expect-no-changes").changes == {}


def test_a_naive_copy_of_a_state_is_of_no_use(project: Project, tmp_path: Path) -> None:
    """Whoever has the files of a stack and not its passphrase has no key."""
    project.program("""ApiKey("ci", workspace_id=get_workspace("default").id)""")
    project.up()
    shutil.copytree(tmp_path / "state", tmp_path / "copy")
    stolen = project.using(
        PULUMI_BACKEND_URL=f"file://{tmp_path / 'copy'}", PULUMI_CONFIG_PASSPHRASE="wrong"
    )
    assert stolen.run("stack", "export", "--show-secrets", check=False).returncode != 0

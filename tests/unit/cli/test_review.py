from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pulumi_openrouter.review.conditions import CONDITIONS
from pulumi_openrouter.review.markdown import MARKER
from pulumi_openrouter.simulator import Organization
from tests.unit.cli.command import BASE_URL, KEY, Command
from tests.unit.review.previews import (
    UNKNOWN,
    Document,
    created,
    deleted,
    document,
    kept,
    replaced,
    updated,
)

LAB = kept("Workspace", "lab", slug="lab")
PEOPLE = {"workspace_id": "u", "emails": ["ada@x.org"]}
HOLDING: dict[str, list[Document]] = {
    "any": [updated("Workspace", "a", {"slug": "a"}, {"slug": "b"})],
    "deletion": [deleted("Workspace", "a", slug="a")],
    "replacement": replaced("WorkspaceBudget", "a", {}, {}, "workspace_id"),
    "adoption": [created("Workspace", "a", slug="a", adopt_existing=True)],
    "unlimited": [created("Workspace", "a", slug="a")],
    "higher-limit": [
        LAB,
        updated("WorkspaceBudget", "b", {"daily_limit_usd": 1}, {"daily_limit_usd": 2}, "lab"),
    ],
    "new-member": [LAB, created("WorkspaceMembership", "m", "lab", **PEOPLE)],
    "removed-member": [LAB, deleted("WorkspaceMembership", "m", "lab", **PEOPLE)],
    "new-key": [created("ApiKey", "k", limit=1)],
    "no-expiry": [created("ApiKey", "k", limit=1)],
    "looser-guardrail": [deleted("Guardrail", "g", allowed_models=["a"])],
    "logging": [created("Workspace", "a", slug="a", is_data_discount_logging_enabled=True)],
    "untold": [created("WorkspaceBudget", "b", "lab", daily_limit_usd="[secret]")],
}
NOTHING = "OpenRouter: nothing changes in stack `dev`.\n"


@pytest.fixture
def preview(tmp_path: Path) -> Path:
    """A file with a preview that deletes a workspace."""
    file = tmp_path / "preview.json"
    file.write_text(document(*HOLDING["deletion"]))
    return file


def test_a_preview_is_reviewed_without_key_or_network(command: Command, preview: Path) -> None:
    """As Markdown, unless asked otherwise."""
    said = command("review", str(preview), **{KEY: "", BASE_URL: "http://127.0.0.1:9"})
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"{MARKER}\n\n### OpenRouter: what this changes in stack `dev`\n")
    assert "- deleted: `a`" in said.out


def test_standard_input_is_reviewed(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no file is named, and where `-` is."""
    for arguments in ((), ("-",)):
        monkeypatch.setattr(sys, "stdin", io.StringIO(document(LAB)))
        said = command("review", *arguments)
        assert (said.code, said.out) == (0, f"{MARKER}\n\n{NOTHING}")


def test_several_stacks_make_one_text(command: Command, preview: Path, tmp_path: Path) -> None:
    """One marker, and a part for each file, in their order."""
    other = tmp_path / "other.json"
    other.write_text(document().replace(":dev::", ":prod::"))
    said = command("review", str(preview), str(other))
    assert said.out.count(MARKER) == 1
    assert said.out.index("stack `dev`") < said.out.index("stack `prod`")


def test_a_terminal_gets_plain_text(command: Command, preview: Path) -> None:
    """Without any Markdown."""
    said = command("review", str(preview), "--format", "text")
    assert said.out.splitlines() == [
        "OpenRouter: what this changes in stack dev",
        "All monthly limits of workspaces, taken together: $0 before and after.",
        "",
        "Workspaces",
        "  deleted: a",
        "",
    ]


def test_a_program_gets_json(command: Command, preview: Path) -> None:
    """With every condition that holds."""
    said = command("review", str(preview), "--format", "json")
    found = json.loads(said.out)
    assert found["conditions"] == {"any": 1, "deletion": 1}
    (stack,) = found["stacks"]
    assert (stack["stack"], stack["objects"][0]["op"]) == ("dev", "deleted")
    assert stack["monthly_ceilings"]["after"] == {"usd": 0.0, "without": 0, "untold": 0}


@pytest.mark.parametrize("name", [condition.name for condition in CONDITIONS])
def test_each_condition_can_fail_a_run(command: Command, tmp_path: Path, name: str) -> None:
    """With an exit status of its own, after everything was printed, and not without being asked."""
    file = tmp_path / "preview.json"
    file.write_text(document(*HOLDING[name]))
    said = command("review", str(file), "--fail-on", name)
    assert (said.code, said.err) == (3, f"--fail-on: {name} (1)\n")
    assert said.out == command("review", str(file)).out
    file.write_text(document(LAB))
    assert command("review", str(file), "--fail-on", name).code == 0


def test_several_conditions_are_told_together(command: Command, preview: Path) -> None:
    """Those that hold, of those that were asked for."""
    said = command("review", str(preview), "--fail-on", "deletion, unlimited,any")
    assert (said.code, said.err) == (3, "--fail-on: any (1), deletion (1)\n")


def test_an_unknown_condition_is_refused(
    command: Command, preview: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And those that there are are named."""
    with pytest.raises(SystemExit) as stopped:
        command("review", str(preview), "--fail-on", "deletions")
    assert stopped.value.code == 2
    assert "no condition is called 'deletions'; there are any, deletion," in capsys.readouterr().err


def test_a_failed_preview_fails_the_review(command: Command, tmp_path: Path) -> None:
    """After it was printed with its errors, whatever was asked for."""
    file = tmp_path / "preview.json"
    file.write_text(document(errors=("no such thing",)))
    said = command("review", str(file), "--fail-on", "any")
    assert (said.code, said.err) == (1, "error: 1 preview failed\n")
    assert "- `no such thing`" in said.out


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"nonsense", "this is not the output of"),
        (b"\xff", "it is not UTF-8"),
        (None, "No such file"),
    ],
)
def test_what_is_no_preview_is_an_error(
    command: Command, tmp_path: Path, content: bytes | None, reason: str
) -> None:
    """It names the file, and prints nothing."""
    file = tmp_path / "preview.json"
    if content is not None:
        file.write_bytes(content)
    said = command("review", str(file))
    assert (said.code, said.out) == (1, "")
    assert reason in said.err
    assert str(file) in said.err


def test_neither_pulumi_nor_the_api_is_imported_for_it(preview: Path) -> None:
    """So that it starts at once, wherever it runs."""
    code = (
        "import sys; from pulumi_openrouter.review import changes, lines, markdown, preview;"
        f"text = open({str(preview)!r}).read();"
        "print(markdown.written([lines.told(changes.review(preview.read(text)))]));"
        "print([name for name in sys.modules if name.startswith("
        "('pulumi.', 'requests', 'pulumi_openrouter.api', 'pulumi_openrouter.core'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert "- deleted: `a`" in done.stdout


# --live


def test_adoption_says_what_it_will_find(
    command: Command, organization: Organization, tmp_path: Path
) -> None:
    """A workspace that is adopted as it is, one that changes, one that is made, one in the way."""
    for slug in ("same", "other", "taken"):
        organization.create_workspace(name=slug, slug=slug)
    file = tmp_path / "preview.json"
    adopting = {"adopt_existing": True}
    file.write_text(
        document(
            created("Workspace", "same", slug="same", name="same", **adopting),
            created("Workspace", "other", slug="other", name="Other", description="d", **adopting),
            created("Workspace", "new", slug="new", name="new", **adopting),
            created("Workspace", "taken", slug="taken", name="taken"),
        )
    )
    said = command("review", str(file), "--live")
    adopted = "adopted if it exists, otherwise created"
    assert f"- {adopted}: `same` (it exists, and is adopted as it is)\n" in said.out
    assert f"- {adopted}: `other` (it exists, and changes: name, description)\n" in said.out
    assert f"- {adopted}: `new` (it does not exist, so it is created)\n" in said.out
    assert "- created: `taken` (the slug is taken, so the up will fail" in said.out


def test_keys_that_are_taken_over_say_what_changes(
    command: Command, organization: Organization, tmp_path: Path
) -> None:
    """As they are, with what differs, moved, or not there; their limits as they are now."""
    organization.create_workspace(name="lab", slug="lab")
    lab = organization.workspace("lab").id
    same, other = (
        organization.create_key(name, workspace="lab", limit=5).hash for name in ("same", "other")
    )
    moved = organization.create_key("moved").hash
    file = tmp_path / "preview.json"
    file.write_text(
        document(
            *(
                created("ApiKey", name, "lab", workspace_id=lab, existing_hash=key_hash, **fields)
                for name, key_hash, fields in (
                    ("same", same, {"limit": 5}),
                    ("other", other, {"limit": 9, "disabled": True, "name": UNKNOWN}),
                    ("moved", moved, {}),
                    ("gone", "0" * 64, {}),
                )
            )
        )
    )
    said = command("review", str(file), "--live").out
    assert "- taken over: `same` in `lab` (it exists, and is taken over as it is)\n" in said
    assert "- taken over: `other` in `lab` (it exists, and changes: limit, disabled)\n" in said
    assert "`moved` in `lab` (it exists, and is taken over as it is; it is moved from" in said
    assert "`gone` in `lab` (no key has this hash, so the up will fail)" in said
    assert [line for line in said.splitlines() if line.startswith("| API key")] == [
        "| API key `other` in `lab` | in all | $5 | $9 | +$4 |"
    ]


def test_guardrails_that_are_taken_over_say_what_changes(
    command: Command, organization: Organization, tmp_path: Path
) -> None:
    """As they are, with what differs, in another workspace, or not there."""
    for slug in ("lab", "shop"):
        organization.create_workspace(name=slug, slug=slug)
    lab, shop = (organization.workspace(slug).id for slug in ("lab", "shop"))
    limit: dict[str, Any] = {"limit_usd": 50, "reset_interval": "monthly"}
    ids = {
        name: organization.guardrails.create(name=name, workspace_id=where, **limit).id
        for name, where in (("same", lab), ("other", lab), ("elsewhere", shop))
    }
    fields = {"same": limit, "other": {**limit, "limit_usd": 80, "enforce_zdr_other": True}}
    file = tmp_path / "preview.json"
    file.write_text(
        document(
            *(
                created(
                    *("Guardrail", name, "lab"),
                    **{"workspace_id": lab, "name": name, **fields.get(name, {})},
                    existing_id=ids.get(name, lab),
                )
                for name in (*ids, "gone")
            )
        )
    )
    said = command("review", str(file), "--live").out
    assert "- taken over: `same` in `lab` (it exists, and is taken over as it is)\n" in said
    assert "`other` in `lab` (it exists, and changes: limit_usd, enforce_zdr_other)\n" in said
    assert "`elsewhere` in `lab` (it is in workspace shop, so the up will fail)\n" in said
    assert "`gone` in `lab` (no guardrail has this id, so the up will fail)\n" in said
    assert "| guardrail `other` in `lab` | monthly | $50 | $80 | +$30 |" in said
    assert "| guardrail `same`" not in said


def test_limits_and_people_that_are_there_already_are_no_change(
    command: Command, organization: Organization, tmp_path: Path
) -> None:
    """A limit that the stack did not declare is shown as it is at OpenRouter."""
    organization.create_workspace(name="lab", slug="lab")
    organization.set_budget("lab", "daily", 5)
    organization.set_budget("lab", "monthly", 50)
    organization.add_members("lab", [organization.person("ada@example.com").id])
    file = tmp_path / "preview.json"
    file.write_text(
        document(
            created("Workspace", "lab", slug="lab", name="lab", adopt_existing=True),
            created("WorkspaceBudget", "lab", "lab", daily_limit_usd=5, monthly_limit_usd=80),
            created(
                "WorkspaceMembership", "lab", "lab", emails=["ada@example.com", "alan@example.com"]
            ),
        )
    )
    said = command("review", str(file), "--live")
    assert "| workspace `lab` | monthly | $50 | $80 | +$30 |" in said.out
    assert "daily" not in said.out
    assert "- `alan@example.com` gets into `lab`" in said.out
    assert "ada@example.com" not in said.out


def test_an_adopted_workspace_without_budgets_is_unlimited(
    command: Command, organization: Organization, tmp_path: Path
) -> None:
    """Only a look can tell, as it does of one that turns out to be new."""
    organization.create_workspace(name="lab", slug="lab")
    file = tmp_path / "preview.json"
    file.write_text(document(created("Workspace", "lab", slug="lab", adopt_existing=True)))
    assert "| not declared | no limit |" in command("review", str(file), "--live").out
    organization.set_budget("lab", "daily", 5)
    assert "no limit" not in command("review", str(file), "--live").out
    organization.delete_workspace("lab")
    assert "| not declared | no limit |" in command("review", str(file), "--live").out


def test_a_look_needs_the_key(command: Command, preview: Path) -> None:
    """And says so."""
    said = command("review", str(preview), "--live", **{KEY: ""})
    assert (said.code, said.out) == (1, "")
    assert "OPENROUTER_MANAGEMENT_KEY is not set" in said.err

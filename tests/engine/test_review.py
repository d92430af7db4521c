"""What `pulumi-openrouter review` makes of what the real engine prints."""

from __future__ import annotations

from pulumi_openrouter.review.changes import review
from pulumi_openrouter.review.lines import told
from pulumi_openrouter.review.model import Review
from pulumi_openrouter.review.preview import read
from pulumi_openrouter.review.terminal import written
from pulumi_openrouter.simulator import Simulator
from tools.outputs import STREAMING
from tools.project import NOWHERE, Project

SECRET_EMAIL = "katherine@example.com"
BEFORE = f"""
    lab = Workspace("lab")
    WorkspaceBudget("lab", workspace_id=lab, monthly_limit_usd=200,
        daily_limit_usd=pulumi.Output.secret(12.34))
    WorkspaceMembership("lab", workspace_id=lab, emails=["ada@example.com", "grace@example.com"])
    WorkspaceMembership("hidden", workspace_id=lab, emails=pulumi.Output.secret(["{SECRET_EMAIL}"]))
    TeamWorkspace("gone", monthly_limit_usd=50, emails=["alan@example.com"])
"""
AFTER = """
    lab = Workspace("lab", slug="laboratory", name="lab")
    WorkspaceBudget("lab", workspace_id=lab, monthly_limit_usd=500)
    new = Workspace("new")
    WorkspaceMembership("lab", workspace_id=new, emails=["ada@example.com"])
    Workspace("old", adopt_existing=True)
"""
DRIFT = ("refresh", "--preview-only", "--expect-no-changes", "--json")
CHANGED = """\
OpenRouter: what this changes in stack test
All monthly limits of workspaces, taken together: $250 before, $500 after (+$250); not in it: \
2 workspaces without a monthly limit.

Workspaces
  deleted: gone
  renamed: laboratory, before: lab
  created: new
  adopted if it exists, otherwise created: old
  moved: membership lab in new, before: laboratory

Limits
  Of                    Interval        Before         After  Difference
  workspace gone        monthly            $50             -
  workspace laboratory  daily         [secret]      no limit
  workspace laboratory  monthly           $200          $500       +$300
  workspace new         any                  -      no limit
  workspace old         any       not declared  not declared

People
  alan@example.com goes out of gone
  [secret] goes out of laboratory
  ada@example.com goes out of laboratory
  grace@example.com goes out of laboratory
  ada@example.com gets into new

Replaced
  membership lab in new: for workspace_id

"""
DRIFTED = """\
OpenRouter: stack test has drifted
All monthly limits of workspaces, taken together: $250 in the state, $60 at OpenRouter (-$190).

Workspaces
  gone from OpenRouter: gone
  changed outside this stack: lab
    name: lab → Other

Limits
  Of              Interval     State  OpenRouter  Difference
  workspace gone  monthly        $50           -
  workspace lab   daily     [secret]    [secret]
  workspace lab   monthly       $200         $60       -$140

People
  alan@example.com is missing in gone
  ada@example.com is missing in lab

"""


KEYS_AND_GUARDRAILS = """\
Limits
  Of                 Interval  Before  After  Difference
  API key ci in lab  monthly       $5     $8         +$3
API keys
  rotated: ci in lab
    keepers: {} → {"month": "2"}
Guardrails
  changed: strict in lab
    looser: models now allowed: a/b, c/d
    tighter: models no longer allowed: openai/gpt-4o-mini
  changed: default guardrail lab in lab
    looser: only zero data retention at OpenAI: off
Provider keys
  changed: own in lab
    is_fallback: true → false
    key: [secret], may change
Replaced
  API key ci in lab: for keepers
"""


def reviewed(project: Project, *command: str) -> Review:
    """The review of what a command prints, in which nothing secret is to be found."""
    printed = project.run(*command, check=False).stdout
    found = review(read(printed))
    assert SECRET_EMAIL not in str(found)
    assert "12.34" not in str(found)
    return found


def shown(project: Project, *command: str) -> str:
    return written([told(reviewed(project, *command))])


def test_a_preview_and_a_drift_are_told_in_words(project: Project, simulator: Simulator) -> None:
    """What the engine prints for a change, for nothing, and for what somebody changed by hand."""
    project.program(BEFORE)
    offline = project.using(**NOWHERE)
    assert "created: lab" in shown(offline, "preview", "--json")
    project.up()
    assert reviewed(offline, "preview", "--json", "--show-sames").is_empty

    project.program(AFTER)
    assert shown(offline, "preview", "--json", "--show-sames") == CHANGED

    organization = simulator.organization
    assert reviewed(project.using(**STREAMING), *DRIFT).is_empty
    organization.set_budget("lab", "monthly", 60)
    organization.update_workspace("lab", name="Other")
    organization.remove_members("lab", [organization.person("ada@example.com").id], force=True)
    organization.delete_workspace("gone", force=True)
    assert shown(project.using(**STREAMING), *DRIFT) == DRIFTED


def test_keys_and_guardrails_are_told_in_words(project: Project) -> None:
    """A key that is rotated keeps its guardrail; what the guardrails newly allow is named."""
    program = """
        lab = Workspace("lab")
        key = ApiKey("ci", workspace_id=lab, limit={limit}, limit_reset="monthly",
            keepers={keepers}, lifetime_days=30)
        Guardrail("strict", workspace_id=lab, allowed_models={models}, keys=[key])
        WorkspaceDefaultGuardrail("lab", workspace_id=lab, enforce_zdr_openai={strict})
        ByokKey("own", workspace_id=lab, provider="openai", key="12.34", is_fallback={strict})
    """
    before = {"limit": 5, "keepers": {}, "models": ["openai/gpt-4o-mini"], "strict": True}
    after = {"limit": 8, "keepers": {"month": "2"}, "models": ["a/b", "c/d"], "strict": False}
    project.program(program.format(**before))
    project.up()
    project.program(program.format(**after))
    told_lines = shown(project.using(**NOWHERE), "preview", "--json").splitlines()
    start = told_lines.index("Limits")
    assert [line for line in told_lines[start:] if line] == KEYS_AND_GUARDRAILS.splitlines()

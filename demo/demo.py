"""The ready-made stack on the real engine against the simulator, from preview to destroy.

Exits with 1 if a step does not do what its heading says.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import attrs

from pulumi_openrouter.simulator import Organization, Simulator
from pulumi_openrouter.testing import isolated_pulumi

ROOT = Path(__file__).resolve().parents[1]
STACK_FILES = ("Pulumi.yaml", "Pulumi.dev.yaml", "__main__.py")
PUBLIC = "https://openrouter.ai/api/v1"
NEXT = """What to do next:
  docs/tutorial.md                       the same by hand, with a program of your own
  README.md, "Use it with your account"  a management key, and a first stack
  pulumi-openrouter show                 what your organization has, once the key is exported
  pulumi-openrouter export               a program or configuration that takes it over as it is"""


class DemoError(Exception):
    """A step did not do what its heading says."""


@attrs.frozen
class Demo:
    """A copy of the ready-made stack in a temporary folder, with its state."""

    folder: Path
    environment: dict[str, str]
    slugs: dict[str, str] = attrs.field(factory=dict)
    """Those of all workspaces that there were, by id."""

    @classmethod
    def prepare(cls, folder: Path, simulator: Simulator) -> Demo:
        """Copy the stack, so that the demo leaves nothing in the checkout."""
        for name in STACK_FILES:
            shutil.copy(ROOT / name, folder)
        (folder / ".venv").symlink_to(sys.prefix)
        environment = isolated_pulumi(folder)
        environment["OPENROUTER_BASE_URL"] = simulator.base_url
        environment["OPENROUTER_MANAGEMENT_KEY"] = simulator.key
        return cls(folder, environment)

    def pulumi(self, *arguments: str, says: str = "", **environment: str) -> None:
        """Run a command as a user would, show its output, and look for what it must say."""
        print(f"\n$ pulumi {' '.join(arguments)}", flush=True)
        command = ["pulumi", *arguments, "--non-interactive"]
        finished = subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(finished.stdout.strip(), flush=True)
        expect(finished.returncode == 0, f"pulumi {arguments[0]} ends well")
        expect(says in finished.stdout, f"pulumi {arguments[0]} says {says!r}")

    def show_requests(self, simulator: Simulator) -> None:
        """Say what was sent since the last time, and forget it."""
        workspaces = simulator.organization.workspaces
        self.slugs.update({workspace.id: workspace.slug for workspace in workspaces})
        print("\nRequests that reached OpenRouter:" if simulator.log else "\nNothing was sent.")
        for request in simulator.log:
            path = request.path
            for workspace_id, slug in self.slugs.items():
                path = path.replace(workspace_id, f"<{slug}>")
            body = json.dumps(request.body) if request.body else ""
            print(f"  {request.status} {request.method} {path} {body}".rstrip(), flush=True)
        simulator.log.clear()


def expect(holds: bool, what: str) -> None:
    """Stop the demo unless this holds."""
    if not holds:
        raise DemoError(f"expected that {what}")


def heading(text: str) -> None:
    """Say what comes next."""
    print(f"\n=== {text}", flush=True)


def meddle(organization: Organization) -> None:
    """What somebody does in the web console on a Friday afternoon."""
    ada = organization.person("ada@example.com")
    print("In OpenRouter's console, somebody")
    organization.set_budget("research-dev", "monthly", 5000)
    print("  raises the monthly budget of research-dev from $50 to $5,000")
    organization.remove_members("research-dev", [ada.id])
    print(f"  removes {ada.email} from research-dev")


def is_as_declared(organization: Organization) -> bool:
    """Whether the organization is as Pulumi.dev.yaml declares it."""
    emails = {organization.person(id).email for id in organization.members("research-dev")}
    return organization.budgets("research-dev") == {"daily": 5, "monthly": 50} and emails == {
        "ada@example.com",
        "grace@example.com",
    }


def play(demo: Demo, simulator: Simulator) -> None:
    """Take all steps, and check what each must do."""
    organization = simulator.organization
    demo.pulumi("stack", "init", "dev")

    heading("A preview, as on a pull request: no key, no network, nothing sent")
    offline = {"OPENROUTER_MANAGEMENT_KEY": "", "OPENROUTER_BASE_URL": PUBLIC}
    demo.pulumi("preview", says="+ 8 to create", **offline)
    expect(simulator.log == [], "a preview sends nothing")
    demo.show_requests(simulator)

    heading("Up: two workspaces, their budgets and members")
    demo.pulumi("up", "--yes", "--skip-preview", says="+ 8 created")
    expect(is_as_declared(organization), "the organization is as declared")
    demo.show_requests(simulator)

    heading("Up again: nothing to do, nothing sent")
    demo.pulumi("up", "--yes", "--skip-preview", says="8 unchanged")
    expect(simulator.log == [], "nothing is sent where nothing changes")
    demo.show_requests(simulator)

    heading("Behind Pulumi's back: a budget is raised a hundredfold, Ada loses access")
    meddle(organization)

    heading("Refresh finds the drift, the preview shows the repair")
    demo.pulumi("refresh", "--yes", "--skip-preview", says="~ 2 updated")
    demo.pulumi("preview", "--diff", says="monthly_limit_usd: 5000 => 50")
    demo.show_requests(simulator)

    heading("Up repairs it")
    demo.pulumi("up", "--yes", "--skip-preview", says="~ 2 updated")
    expect(is_as_declared(organization), "the organization is as declared again")
    demo.show_requests(simulator)

    heading("Destroy: one request per workspace, children go with them")
    demo.pulumi("destroy", "--yes", "--skip-preview", says="- 8 deleted")
    expect(len(simulator.log) == 2, "destroying two workspaces takes two requests")
    demo.show_requests(simulator)
    slugs = [workspace.slug for workspace in organization.workspaces]
    expect(slugs == ["default"], "only the default workspace is left")


def main() -> int:
    """Play the demo in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder, Simulator(members=5) as simulator:
        try:
            play(Demo.prepare(Path(folder), simulator), simulator)
        except DemoError as error:
            print(f"\nThe demo failed: {error}.", file=sys.stderr)
            return 1
    print(f"\nEvery step did what it says. Nothing is left running.\n\n{NEXT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

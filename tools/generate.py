"""Fill the generated blocks of the pages: tables, code and what the engine really prints.

A block is what stands between `<!-- begin NAME -->` and `<!-- end -->`. With `--check`
nothing is written, and a block that has drifted ends with 1.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import attrs
import yaml

import pulumi_openrouter
from pulumi_openrouter import (
    ApiKey,
    ByokKey,
    Guardrail,
    TeamWorkspace,
    Workspace,
    WorkspaceBudget,
    WorkspaceDefaultGuardrail,
    WorkspaceMembership,
    from_config,
)
from pulumi_openrouter.core.fields import Field, fields_of
from pulumi_openrouter.review.conditions import CONDITIONS
from pulumi_openrouter.simulator import FaultKind, Quirks
from tools import outputs, public
from tools.operations import OPERATIONS, expected
from tools.paths import DOCS, EXAMPLES, README

RELIABILITY = DOCS / "reliability.md"
EXAMPLE = EXAMPLES / "first-workspace"
BLOCK = re.compile(r"(<!-- begin (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(
    resource: type, meaning_of_id: str = "The UUID of the workspace, stable across renames."
) -> str:
    """The reference table of a resource, from its declaration."""
    fields = fields_of(resource).values()
    id = f"| `id` | {meaning_of_id} |"
    computed = [f"| `{field.name}` | {field.doc} |" for field in fields if not field.is_argument]
    return "\n".join([*_arguments(fields), "", *OUTPUTS, id, *computed])


def component() -> str:
    """The reference table of TeamWorkspace: what it takes and has beside its resources' own."""
    own = [value for value in vars(TeamWorkspace).values() if isinstance(value, Field)]
    properties = [
        f"| `{name}` | {inspect.getdoc(value)} |"
        for name, value in vars(TeamWorkspace).items()
        if isinstance(value, property)
    ]
    return "\n".join([*_arguments(own), "", *OUTPUTS, *properties])


def functions() -> str:
    """The functions, what they ask and what they answer."""
    names = [name for name in pulumi_openrouter.__all__ if name.startswith("get_")]
    rows = [_function(name) for name in names if not name.endswith("_output")]
    return "\n".join(["| function | answers | what |", "|---|---|---|", *rows])


def _function(name: str) -> str:
    function = getattr(pulumi_openrouter, name)
    parameters = ", ".join(inspect.signature(function).parameters)
    answers = inspect.signature(function).return_annotation
    return f"| `{name}({parameters})` | `{answers}` | {inspect.getdoc(function)} |"


def conditions() -> str:
    """What `pulumi-openrouter review --fail-on` knows."""
    rows = [f"| `{condition.name}` | {condition.doc} |" for condition in CONDITIONS]
    return "\n".join(["| condition | holds where |", "|---|---|", *rows])


def policies() -> str:
    """The ready-made policies, and what each can be configured with."""
    # Imported only here: it needs an extra that not every environment of the matrix has.
    from pulumi_openrouter.policies import RULES

    rows = [
        f"| `{rule.name}` | {rule.doc} | "
        + "; ".join(f"`{name}`: {of['description']}" for name, of in rule.settings.items())
        + " |"
        for rule in RULES
    ]
    return "\n".join(["| policy | demands | setting |", "|---|---|---|", *rows])


OUTPUTS = ["| output | meaning |", "|---|---|"]


def _arguments(fields: Iterable[Field]) -> Iterator[str]:
    yield "| argument | takes | when not given | meaning |"
    yield "|---|---|---|---|"
    yield from (_argument(field) for field in fields if field.is_argument)


def _argument(field: Field) -> str:
    wants = field.kind.wants if field.kind else ""
    return f"| `{field.name}` | {wants} | {_absent(field)} | {field.doc} |"


def _absent(field: Field) -> str:
    if field.required:
        return "required"
    if field.default is not None:
        return f"`{field.default}`"
    if field.derived_from:
        return f"from {field.derived_from}"
    return "unmanaged; cleared if declared before" if field.nullable else "unmanaged"


def code() -> str:
    """The program of the first example."""
    return f"```python\n{(EXAMPLE / '__main__.py').read_text().strip()}\n```"


def preview() -> str:
    """What `pulumi preview` prints for a change of the first example."""
    with outputs.project((EXAMPLE / "Pulumi.yaml").read_text()) as (project, _):
        before = (EXAMPLE / "__main__.py").read_text()
        outputs.write(project, before)
        project.run("up", "--yes", "--skip-preview")
        outputs.write(project, outputs.changed(before, monthly=500))
        return outputs.console(project, "preview", "--diff")


WRONG = {
    "research": {
        "slugg": "research",
        "budget": {"daily_limit_usd": 50, "monthly_limit_usd": "200 USD"},
        "members": ["ada@example.com", "grace"],
    },
    "playground": {"default_provider_sort": "cheapest"},
}


def mistakes() -> str:
    """What is said of a configuration with mistakes, and that configuration."""
    given = yaml.safe_dump({from_config.KEY: WRONG}, sort_keys=False).strip()
    said = from_config.report("dev", "openrouter-workspaces", from_config.parse(WRONG)[1])
    return f"```yaml\n{given}\n```\n\n```console\n{said}\n```"


def operations() -> str:
    """The operations that are spoilt at each of their requests, and how many they send."""
    rows = [f"| {name} | {expected(name).requests} |" for name in OPERATIONS]
    return "\n".join(["| operation | requests |", "|---|--:|", *rows])


REQUESTS = {
    "create": {
        "Workspace: create": "",
        "WorkspaceBudget: create four": "four limits",
        "WorkspaceMembership: create by email, 150": "150 people by email",
        "ApiKey: create": "",
        "Guardrail: create with keys and members": "two keys, two people",
        "WorkspaceDefaultGuardrail: create": "",
        "ByokKey: create": "",
    },
    "refresh": {
        "Workspace: read": "",
        "WorkspaceBudget: read": "",
        "WorkspaceMembership: read": "",
        "ApiKey: read": "",
        "Guardrail: read": "keys and people",
        "WorkspaceDefaultGuardrail: read": "",
        "ByokKey: read": "",
    },
    "update": {
        "Workspace: update": "",
        "WorkspaceBudget: update a ladder": "four limits",
        "WorkspaceMembership: update one": "another person",
        "ApiKey: update": "",
        "Guardrail: update content, keys and members": "content, a key, a person",
        "WorkspaceDefaultGuardrail: update": "",
        "ByokKey: rotate": "",
    },
    "delete": {
        "Workspace: delete": "",
        "WorkspaceBudget: delete": "four limits",
        "WorkspaceMembership: delete in batches": "150 people",
        "ApiKey: delete": "",
        "Guardrail: delete": "",
        "WorkspaceDefaultGuardrail: delete": "",
        "ByokKey: delete": "",
    },
}


def requests() -> str:
    """How many requests an operation takes on each resource."""
    rows = [
        f"| {doing} | {' | '.join(_counted(name, of) for name, of in cases.items())} |"
        for doing, cases in REQUESTS.items()
    ]
    resources = [name.partition(":")[0] for name in REQUESTS["create"]]
    head = [f"| | {' | '.join(resources)} |", f"|---{'|---' * len(resources)}|"]
    return "\n".join([*head, *rows])


def _counted(name: str, of: str) -> str:
    count = expected(name).requests
    return f"{count} ({of})" if of else str(count)


def quirks() -> str:
    """The switches of the simulated account, with their defaults."""
    rows = [
        f"| `{switch.name}` | `{switch.default}` | {switch.metadata['help']} |"
        for switch in attrs.fields(Quirks)
    ]
    return "\n".join(["| quirk | default | meaning |", "|---|---|---|", *rows])


def fault_kinds() -> str:
    """What can go wrong with a request, from the docstrings below the names."""
    (kinds,) = ast.parse(inspect.getsource(FaultKind)).body
    assert isinstance(kinds, ast.ClassDef)
    docs = {
        before.targets[0].id: " ".join(inspect.cleandoc(str(after.value.value)).split())
        for before, after in itertools.pairwise(kinds.body)
        if isinstance(before, ast.Assign)
        and isinstance(before.targets[0], ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
    }
    rows = [f"| `{kind.name}` | `{kind.value}` | {docs[kind.name]} |" for kind in FaultKind]
    return "\n".join(["| `FaultKind.` | as JSON | what happens |", "|---|---|---|", *rows])


Blocks = Mapping[str, Callable[[], str]]

WITHOUT_ENGINE: Mapping[Path, Blocks] = {
    README: {"code": code, "mistakes": mistakes},
    DOCS / "workspace.md": {"workspace": lambda: table(Workspace)},
    DOCS / "workspace-budget.md": {"budget": lambda: table(WorkspaceBudget)},
    DOCS / "workspace-membership.md": {"membership": lambda: table(WorkspaceMembership)},
    DOCS / "api-key.md": {
        "api-key": lambda: table(ApiKey, "The hash of the key, stable across moves.")
    },
    DOCS / "guardrail.md": {"guardrail": lambda: table(Guardrail, "The UUID of the guardrail.")},
    DOCS / "workspace-default-guardrail.md": {
        "default-guardrail": lambda: table(
            WorkspaceDefaultGuardrail, "The workspace's default_guardrail_id."
        )
    },
    DOCS / "byok-key.md": {"byok-key": lambda: table(ByokKey, "The UUID of the provider key.")},
    DOCS / "team-workspace.md": {"team-workspace": component},
    DOCS / "functions.md": {"functions": functions},
    DOCS / "review.md": {"conditions": conditions},
    DOCS / "policies.md": {"policies": policies},
    DOCS / "spending.md": {"spend": outputs.spending},
    DOCS / "performance.md": {"requests": requests},
    DOCS / "simulator.md": {"quirks": quirks, "fault-kinds": fault_kinds},
    RELIABILITY: {"operations": operations},
}
WITH_ENGINE: Mapping[Path, Blocks] = {README: {"preview": preview}}
"""That of README.md; the other pages share their commands: `outputs.made`."""


def filled(text: str, blocks: Blocks) -> str:
    """The text with the named blocks made anew; every one of them must be there."""
    missing = set(blocks) - {match["name"] for match in BLOCK.finditer(text)}
    if missing:
        raise ValueError(f"the page has no block {', '.join(sorted(missing))}")

    def block(match: re.Match[str]) -> str:
        make = blocks.get(match["name"])
        return f"{match[1]}{make()}\n{match[3]}" if make else match[0]

    return BLOCK.sub(block, text)


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` only say what has drifted."""
    drifted = 0
    if arguments != ["--check"]:
        public.FILE.write_text(public.listed())
    printed = outputs.made()
    for page in {**WITHOUT_ENGINE, **printed}:
        before = page.read_text()
        after = filled(before, {**WITHOUT_ENGINE.get(page, {}), **WITH_ENGINE.get(page, {})})
        after = filled(after, as_blocks(printed.get(page, {})))
        if arguments != ["--check"]:
            page.write_text(after)
        elif before != after:
            drifted = 1
            was, now = before.splitlines(), after.splitlines()
            print("\n".join(difflib.unified_diff(was, now, page.name, "made anew")))
    return drifted


def as_blocks(texts: Mapping[str, str]) -> Blocks:
    """Blocks whose text is there already."""
    return {name: lambda text=text: text for name, text in texts.items()}  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What a run costs before it does anything: imports, and what the state keeps of a provider."""

from __future__ import annotations

import statistics
import subprocess
import sys

from pulumi.dynamic.dynamic import serialize_provider

from benchmarks.report import Goal, Row, Section
from pulumi_openrouter.host import LIFECYCLES, provider

RESOURCES = "from pulumi_openrouter import Workspace, WorkspaceBudget, WorkspaceMembership"
LIBRARIES = "import attrs, cattrs, requests"
RUNS = 15
MOST_MS = 30
MOST_BYTES = 100


def measure(most_rounds: int | None) -> Section:
    """Milliseconds over `import pulumi`, and bytes in the state of each resource."""
    program = milliseconds(RESOURCES)
    client = milliseconds(f"{RESOURCES}\nimport pulumi_openrouter.api.client")
    libraries = milliseconds(LIBRARIES)
    rows: list[Row] = [
        ["the three resources, ms over `import pulumi`", program],
        ["and the client, at the first request, ms", client],
        ["of these attrs, cattrs and requests alone, ms", libraries],
    ]
    goals = [Goal("import of the three resources, ms", program, MOST_MS)]
    for noun in LIFECYCLES:
        size = len(serialize_provider(provider(noun)))
        rows.append([f"the provider of a {noun} in the state, bytes", size])
        goals.append(Goal(f"provider of a {noun}, bytes in the state", size, MOST_BYTES))
    return Section("Start", ["what", "takes"], rows, goals)


def milliseconds(code: str) -> float:
    """How long some code takes once Pulumi is loaded: the median of many processes."""
    script = (
        "import pulumi, pulumi.dynamic, time\n"
        f"began = time.perf_counter()\n{code}\nprint((time.perf_counter() - began) * 1000)"
    )
    # The first run may have to write bytecode.
    found = [_printed(script) for _ in range(RUNS + 1)][1:]
    return statistics.median(found)


def _printed(script: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return float(done.stdout)

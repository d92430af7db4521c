"""A simulator of the OpenRouter workspaces API, to try stacks and test clients without an account.

In a test::

    with Simulator() as simulator:
        requests.get(f"{simulator.base_url}/workspaces", headers=simulator.headers)

From a shell: ``python -m pulumi_openrouter.simulator``.
"""

try:
    import flask  # noqa: F401
except ImportError as error:  # pragma: no cover
    raise ImportError(
        "the simulator needs Flask: pip install 'pulumi-openrouter[simulator]'"
    ) from error

from .deviations import DEVIATIONS, Deviation
from .entities import ApiKey, Budget, Membership, Person, Workspace
from .errors import ApiError
from .faults import Fault, FaultKind, Faults
from .log import Request
from .quirks import Quirks
from .server import Simulator
from .state import Organization

__all__ = [
    "DEVIATIONS",
    "ApiError",
    "ApiKey",
    "Budget",
    "Deviation",
    "Fault",
    "FaultKind",
    "Faults",
    "Membership",
    "Organization",
    "Person",
    "Quirks",
    "Request",
    "Simulator",
    "Workspace",
]

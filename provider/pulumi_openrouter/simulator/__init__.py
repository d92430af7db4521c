"""A simulator of the OpenRouter workspaces API, to try stacks and test clients without an account.

In a test::

    with Simulator() as simulator:
        requests.get(f"{simulator.base_url}/workspaces", headers=simulator.headers)

From a shell: ``python -m pulumi_openrouter.simulator``.
"""

try:
    import flask  # noqa: F401
except ImportError as error:  # pragma: no cover
    # With the name, `python -m` says this in a line instead of a traceback.
    raise ImportError(
        "the simulator needs Flask: pip install 'pulumi-openrouter[simulator]'", name=__name__
    ) from error

from .deviations import DEVIATIONS, Deviation
from .entities import ApiKey, Budget, Membership, Person, Workspace
from .errors import ApiError
from .faults import Fault, FaultKind, Faults
from .guardrails import Guardrail, Guardrails, KeyAssignment, MemberAssignment
from .log import Request
from .model_catalogue import MODELS, Model
from .provider_keys import ProviderKey, ProviderKeys
from .quirks import Quirks
from .seed import SeedError
from .server import Simulator
from .state import Organization
from .state_file import StateFileError

__all__ = [
    "DEVIATIONS",
    "MODELS",
    "ApiError",
    "ApiKey",
    "Budget",
    "Deviation",
    "Fault",
    "FaultKind",
    "Faults",
    "Guardrail",
    "Guardrails",
    "KeyAssignment",
    "MemberAssignment",
    "Membership",
    "Model",
    "Organization",
    "Person",
    "ProviderKey",
    "ProviderKeys",
    "Quirks",
    "Request",
    "SeedError",
    "Simulator",
    "StateFileError",
    "Workspace",
]

"""What a workspace may spend: all of its budgets that a stack owns."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import attrs
from pulumi import ResourceOptions

from pulumi_openrouter.api.errors import ForbiddenError, NotFoundError, OpenRouterError
from pulumi_openrouter.budget_plan import INTERVALS, Step, disorder, plan
from pulumi_openrouter.children import ChildLifecycle, WorkspaceChild
from pulumi_openrouter.fields import FLAG, UNKNOWN, USD, fields_of
from pulumi_openrouter.host import Provider
from pulumi_openrouter.lifecycle import Found, Outputs, Problem, Properties
from pulumi_openrouter.resource import Declaration, Declared, declared
from pulumi_openrouter.undo import Undo
from pulumi_openrouter.uuids import is_uuid
from pulumi_openrouter.workspace import DeletedOutsideError, Workspace

if TYPE_CHECKING:
    from pulumi_openrouter.api.models import Budgets

BYOK = "include_byok_in_budgets"
SUFFIX = "_limit_usd"


class BudgetSettings(Declaration):
    """What a workspace may spend."""

    daily_limit_usd: Declared[float | None] = declared(
        USD, default=None, nullable=True, doc="What may be spent per day, in USD."
    )
    weekly_limit_usd: Declared[float | None] = declared(
        USD, default=None, nullable=True, doc="What may be spent per week, in USD."
    )
    monthly_limit_usd: Declared[float | None] = declared(
        USD, default=None, nullable=True, doc="What may be spent per month, in USD."
    )
    lifetime_limit_usd: Declared[float | None] = declared(
        USD, default=None, nullable=True, doc="What may be spent in all, in USD."
    )
    include_byok_in_budgets: Declared[bool | None] = declared(
        FLAG,
        default=None,
        doc="Whether spending with own provider keys (BYOK) counts, for all intervals.",
    )


class WorkspaceBudget(BudgetSettings, WorkspaceChild, module="openrouter", name="WorkspaceBudget"):
    """All budgets of one workspace that this stack owns; one such resource per workspace.

    They are one resource because the API checks the intervals against each other, and
    the flag for own provider keys belongs to them all.
    """

    exclusive: Declared[bool] = declared(
        FLAG,
        default=False,
        local=True,
        doc="Remove the budgets of intervals that are not declared here.",
    )

    @staticmethod
    def provider() -> Provider:
        """The provider of budgets."""
        return WorkspaceBudgetProvider()

    def complete(
        self, resource_name: str, properties: dict[str, Any], opts: ResourceOptions
    ) -> ResourceOptions:
        """Two of one workspace could not be ordered against each other: refuse the second."""
        workspace = properties["workspace_id"]
        if isinstance(workspace, Workspace):
            if workspace in _budget_of:
                raise ValueError(
                    f"WorkspaceBudget {resource_name!r}: the workspace has WorkspaceBudget "
                    f"{_budget_of[workspace]!r} already; declare all its intervals there"
                )
            _budget_of[workspace] = resource_name
        return super().complete(resource_name, properties, opts)


_budget_of: WeakKeyDictionary[Workspace, str] = WeakKeyDictionary()


@attrs.frozen
class _Live:
    """The budgets that the server has."""

    limits: Mapping[str, float]
    byok: bool | None

    @classmethod
    def of(cls, budgets: Budgets) -> _Live:
        limits = {name: limit for name, limit in budgets.limits.items() if name in INTERVALS}
        return cls(limits, budgets.include_byok_in_budgets)


class WorkspaceBudgetLifecycle(ChildLifecycle):
    """What happens to the budgets of a workspace; their id is the workspace's."""

    noun = "budget"
    fields = fields_of(WorkspaceBudget)

    # check

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """At least one limit, and each greater than the narrower ones."""
        if not any(f"{interval}{SUFFIX}" in news for interval in INTERVALS):
            yield Problem(
                f"monthly{SUFFIX}", "is missing, as all limits are: declare at least one of them"
            )
        limits = {name: value for name, value in _limits(news).items() if value is not UNKNOWN}
        for narrow, wide in disorder(limits):
            yield Problem(f"{wide}{SUFFIX}", f"must be greater than {narrow}{SUFFIX}")

    def note_declared(self, olds: Properties, news: Properties) -> None:
        """The intervals of this workspace."""
        for interval in _limits(news):
            self.context.declared.note("budget", str(news["workspace_id"]), interval)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One look at the budgets, then a request per interval that differs."""
        id = str(news["workspace_id"])
        self._change(id, {}, news)
        return Found(id, self.declared_in(news))

    def read(self, id: str, olds: Properties) -> Found | None:
        """The declared intervals as the server has them; with exclusive all of them."""
        live = self._live(id)
        if live is None:
            live = _Live({}, None)
            if self.is_managed(olds) and self.client.find_workspace(id) is None:
                return None
        if not self.is_managed(olds):
            return self._got(id, olds, live)
        outputs = {name: value for name, value in self.declared_in(olds).items() if name != BYOK}
        for interval in INTERVALS:
            name = f"{interval}{SUFFIX}"
            outputs.pop(name, None)
            if interval in live.limits and (name in olds or olds["exclusive"]):
                outputs[name] = live.limits[interval]
        if BYOK in olds:
            outputs[BYOK] = olds[BYOK] if live.byok is None else live.byok
        has_declared = any(name in olds for name in outputs if name.endswith(SUFFIX))
        return Found(id, outputs) if has_declared else None

    def update(self, id: str, olds: Properties, news: Properties) -> Outputs:
        """As create; intervals declared no longer are removed."""
        self._change(id, olds, news)
        return self.declared_in(news)

    def delete(self, id: str, olds: Properties) -> None:
        """Remove the declared intervals."""
        limits = _limits(olds)
        steps = [Step(interval, None) for interval in self._removable(id, limits)]
        # What the state says is what is put back: it stays, if this fails half way.
        with self.done_if_gone(id):
            self._run(id, steps, _Live(limits, None), None)

    # the steps of these

    def _live(self, id: str) -> _Live | None:
        """The budgets; None for a 404, which the API answers also when there are none."""
        with _enterprise_hint():
            budgets = self.client.find_budgets(id)
        return _Live.of(budgets) if budgets else None

    def _got(self, id: str, olds: Properties, live: _Live) -> Found | None:
        if not live.limits:
            if "workspace_id" in olds:
                return None
            self.workspace_to_get(id)
            raise OpenRouterError("the workspace has no budgets")
        if not is_uuid(id):
            self.workspace_to_get(id)
        limits = {f"{name}{SUFFIX}": limit for name, limit in live.limits.items()}
        flag = {} if live.byok is None else {BYOK: live.byok}
        return Found(id, {"workspace_id": id, **limits, **flag})

    def _change(self, id: str, olds: Properties, news: Properties) -> None:
        if not self._needs_requests(olds, news):
            return
        live = self._live(id) or _Live({}, None)
        wanted = _limits(news)
        dropped = live.limits if news.get("exclusive") else _limits(olds)
        removed = self._removable(id, [name for name in dropped if name not in wanted])
        self._refuse_impossible(live.limits, wanted, removed)
        steps = plan(live.limits, wanted, removed)
        known = olds.get(BYOK) if live.byok is None else live.byok
        byok = None if news.get(BYOK) == known else news.get(BYOK)
        if byok is not None and all(step.limit_usd is None for step in steps):
            interval, limit = next(iter(wanted.items()))
            steps.append(Step(interval, limit))
        self._run(id, steps, live, byok)

    def _needs_requests(self, olds: Properties, news: Properties) -> bool:
        """Giving up exclusive, or the flag, changes nothing on the server."""
        changed = set(self.changes(olds, news))
        if not news.get("exclusive"):
            changed.discard("exclusive")
        if BYOK not in news:
            changed.discard(BYOK)
        return bool(changed)

    def _removable(self, id: str, intervals: Iterable[str]) -> list[str]:
        """Those of the intervals that nothing else in this run declares."""
        kept = [name for name in intervals if ("budget", id, name) in self.context.declared]
        self.leave_alone(id, kept)
        return [name for name in intervals if name not in kept]

    def _refuse_impossible(
        self, live: Mapping[str, float], wanted: Mapping[str, float], removed: list[str]
    ) -> None:
        foreign = {
            name: limit
            for name, limit in live.items()
            if name not in wanted and name not in removed
        }
        for narrow, wide in disorder({**foreign, **wanted}):
            there = ", ".join(f"{name} ${limit:g}" for name, limit in foreign.items())
            raise OpenRouterError(
                f"{wide} must be greater than {narrow}, and the workspace has budgets that "
                f"this resource does not declare: {there}\n"
                "Declare them too, choose limits that fit, or set exclusive=True to remove them."
            )

    def _run(self, id: str, steps: list[Step], live: _Live, byok: bool | None) -> None:
        """Take the steps in order; the flag rides on the first PUT."""
        with Undo(self.client) as undo:
            for step in steps:
                flag = None if step.limit_usd is None else byok
                with undo.step(functools.partial(self._put_back, id, step, flag, live)):
                    self._take(id, step, flag)
                byok = byok if flag is None else None

    def _take(self, id: str, step: Step, byok: bool | None) -> None:
        try:
            with _enterprise_hint():
                if step.limit_usd is None:
                    self.client.delete_budget(id, step.interval)
                else:
                    self.client.set_budget(id, step.interval, step.limit_usd, byok)
        except NotFoundError:
            raise DeletedOutsideError from None

    def _put_back(self, id: str, step: Step, flag: bool | None, live: _Live) -> None:
        before = live.limits.get(step.interval)
        was = None if flag is None else live.byok
        limit = step.limit_usd if before is None else before
        if limit is not None and (before is not None or was is not None):
            self.client.set_budget(id, step.interval, limit, was)
        if before is None:
            self.client.delete_budget(id, step.interval)
        if flag is not None and was is None:
            raise OpenRouterError(f"what {BYOK} was before is not known")


def _limits(properties: Properties) -> dict[str, Any]:
    """The declared limits in USD by interval, from narrow to wide."""
    return {
        interval: properties[f"{interval}{SUFFIX}"]
        for interval in INTERVALS
        if f"{interval}{SUFFIX}" in properties
    }


@contextlib.contextmanager
def _enterprise_hint() -> Iterator[None]:
    try:
        yield
    except ForbiddenError as error:
        error.hint = error.hint or "Budgets need OpenRouter's Enterprise plan."
        raise


class WorkspaceBudgetProvider(Provider):
    """The dynamic provider of budgets; its name is in every state, and stays."""

    lifecycle_class = WorkspaceBudgetLifecycle

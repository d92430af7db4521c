"""What a workspace may spend: its fields, and what happens to the budgets that a stack owns."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.api.errors import (
    ForbiddenError,
    NotFoundError,
    OpenRouterError,
    RequestError,
)
from pulumi_openrouter.core.budget_plan import INTERVALS, Step, disorder, plan
from pulumi_openrouter.core.children import ChildFields, ChildLifecycle
from pulumi_openrouter.core.fields import Argument, Fields, fields_of, optional
from pulumi_openrouter.core.kinds import FLAG, UNKNOWN, USD
from pulumi_openrouter.core.lifecycle import Found, Problem, Properties, Values
from pulumi_openrouter.core.spending import all_spent, spent_by
from pulumi_openrouter.core.undo import Undo
from pulumi_openrouter.core.uuids import is_uuid

if TYPE_CHECKING:
    from pulumi_openrouter.api.models import BudgetsInfo

BYOK = "include_byok_in_budgets"
PATIENCE_TO_WARN = 5.0
"""The seconds that a warning is worth: what it is about is done."""


def limit_field(interval: str) -> str:
    """The name of the field that has the limit of an interval."""
    return f"{interval}_limit_usd"


class BudgetArguments(Fields):
    """What a program may declare of what a workspace may spend."""

    daily_limit_usd: Argument[float | None] = optional(
        USD, default=None, nullable=True, doc="What may be spent per day, in USD."
    )
    weekly_limit_usd: Argument[float | None] = optional(
        USD, default=None, nullable=True, doc="What may be spent per week, in USD."
    )
    monthly_limit_usd: Argument[float | None] = optional(
        USD, default=None, nullable=True, doc="What may be spent per month, in USD."
    )
    lifetime_limit_usd: Argument[float | None] = optional(
        USD, default=None, nullable=True, doc="What may be spent in all, in USD."
    )
    include_byok_in_budgets: Argument[bool | None] = optional(
        FLAG,
        default=None,
        doc="Whether spending with own provider keys (BYOK) counts, for all intervals.",
    )


class WorkspaceBudgetFields(BudgetArguments, ChildFields):
    """All properties of a WorkspaceBudget."""

    exclusive: Argument[bool] = optional(
        FLAG,
        default=False,
        local=True,
        doc="Remove the budgets of intervals that are not declared here.",
    )


@attrs.frozen
class _Live:
    """The budgets that the server has."""

    limits: Mapping[str, float]
    byok: bool | None

    @classmethod
    def of(cls, budgets: BudgetsInfo) -> _Live:
        limits = {name: limit for name, limit in budgets.limits.items() if name in INTERVALS}
        return cls(limits, budgets.include_byok_in_budgets)


class WorkspaceBudgetLifecycle(ChildLifecycle):
    """What happens to the budgets of a workspace; their id is the workspace's."""

    noun = "budget"
    fields = fields_of(WorkspaceBudgetFields)

    # check

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """At least one limit, and each greater than the narrower ones."""
        if not any(limit_field(interval) in news for interval in INTERVALS):
            yield Problem(
                limit_field("monthly"),
                "is missing, and so are all other limits: declare at least one",
            )
        limits = {name: value for name, value in _limits(news).items() if value is not UNKNOWN}
        for narrow, wide in disorder(limits):
            yield Problem(limit_field(wide), f"must be greater than {limit_field(narrow)}")

    def claim(self, olds: Properties, news: Properties) -> None:
        """The intervals of this workspace."""
        for interval in _limits(news):
            self.context.claims.claim_interval(news["workspace_id"], interval)

    # create, read, update, delete

    def create(self, news: Properties) -> Found:
        """One look at the budgets, then a request per interval that differs."""
        workspace_id, owner = str(news["workspace_id"]), self.owner()
        self._change(workspace_id, {}, news)
        return Found(workspace_id, {**self.arguments_of(news), **owner})

    def read(self, object_id: str, olds: Properties) -> Found | None:
        """The declared intervals as the server has them; with exclusive all of them."""
        try:
            live = self._live(object_id)
        except ForbiddenError as error:
            if not self.is_managed(olds):
                raise
            self._warn_of_plan(object_id, error, "so they can't be read")
            return Found(object_id, {**self.arguments_of(olds), **self.owner_of(olds)})
        if not self.is_managed(olds):
            return self._got(object_id, olds, live or _Live({}, None))
        if live is None:
            live = self._none_or_late(object_id, olds)
        if live is None:
            return None
        outputs = {name: value for name, value in self.arguments_of(olds).items() if name != BYOK}
        for interval in INTERVALS:
            name = limit_field(interval)
            outputs.pop(name, None)
            if interval in live.limits and (name in olds or olds["exclusive"]):
                outputs[name] = live.limits[interval]
        if BYOK in olds:
            outputs[BYOK] = olds[BYOK] if live.byok is None else live.byok
        has_declared = _limits(outputs).keys() & _limits(olds).keys()
        return Found(object_id, {**outputs, **self.owner_of(olds)}) if has_declared else None

    def update(self, object_id: str, olds: Properties, news: Properties) -> Values:
        """As create; intervals that are no longer declared are removed."""
        with self.confirmed(olds):
            self._change(object_id, olds, news)
        return {**self.arguments_of(news), **self.owner_of(olds)}

    def delete(self, object_id: str, olds: Properties) -> None:
        """Remove the declared intervals."""
        limits = _limits(olds)
        steps = [Step(interval, None) for interval in self._removable(object_id, limits)]
        try:
            # What the state says is what is put back: it stays, if this fails half way.
            with self.done_if_gone(olds):
                self._run(object_id, steps, _Live(limits, None), None)
        except ForbiddenError as error:
            self._warn_of_plan(object_id, error, "so they are only forgotten")

    # the steps of these

    def _warn_of_plan(self, workspace_id: str, error: ForbiddenError, consequence: str) -> None:
        """Warn that the account has no budgets any more; a key that may do nothing is an error."""
        try:
            self.client.get_workspace(workspace_id)
        except RequestError:
            raise error from None
        self.context.say(
            f"warning: budget {self.label(workspace_id, {})}: OpenRouter refuses budgets "
            f"({error.message}), {consequence}. Limits may no longer hold."
        )

    def _live(self, workspace_id: str) -> _Live | None:
        """The budgets; None for a 404, which the API also answers when there are none."""
        with _enterprise_hint():
            budgets = self.client.find_budgets(workspace_id)
        return _Live.of(budgets) if budgets else None

    def _none_or_late(self, workspace_id: str, olds: Properties) -> _Live | None:
        """The budgets after a 404 of their list: none, or those that come late; None: all gone."""
        workspace = self.client.find_workspace(workspace_id)
        if workspace is None:
            self.confirm_gone(olds)
            return None
        absence = self.context.absence
        if absence.may_be_early(workspace_id, workspace.created_at):
            with contextlib.suppress(NotFoundError):
                again = functools.partial(self.client.list_budgets, workspace_id)
                return _Live.of(absence.asked_again(again))
        return _Live({}, None)

    def _got(self, workspace_id: str, olds: Properties, live: _Live) -> Found | None:
        if not live.limits:
            if "workspace_id" in olds:
                return None
            self.workspace_to_get(workspace_id)
            raise OpenRouterError("the workspace has no budgets")
        if not is_uuid(workspace_id):
            self.workspace_to_get(workspace_id)
        limits = {limit_field(name): limit for name, limit in live.limits.items()}
        flag = {} if live.byok is None else {BYOK: live.byok}
        return Found(workspace_id, {"workspace_id": workspace_id, **limits, **flag})

    def _change(self, workspace_id: str, olds: Properties, news: Properties) -> None:
        """Send what differs between state and program, and nothing that the program left alone."""
        if not self._needs_requests(olds, news):
            return
        live = self._live(workspace_id) or _Live({}, None)
        declared, before = _limits(news), _limits(olds)
        wanted = {name: limit for name, limit in declared.items() if limit != before.get(name)}
        dropped = live.limits if news.get("exclusive") else before
        removed = self._removable(workspace_id, [name for name in dropped if name not in declared])
        self._refuse_impossible(live.limits, declared, wanted, removed)
        steps = plan(live.limits, wanted, removed)
        byok = self._new_flag(olds, news, live)
        if byok is not None and all(step.limit_usd is None for step in steps):
            interval = next(
                (name for name in declared if name in live.limits), next(iter(declared))
            )
            steps.append(Step(interval, live.limits.get(interval, declared[interval])))
        self._run(workspace_id, steps, live, byok)
        lowered = {
            name: limit for name, limit in wanted.items() if limit < live.limits.get(name, limit)
        }
        self._warn_of_spent(workspace_id, lowered, live.byok if byok is None else byok)

    def _warn_of_spent(
        self, workspace_id: str, lowered: Mapping[str, float], byok: bool | None
    ) -> None:
        """Say which limits are spent already: with them, requests stop at once.

        One page of keys: more has been spent where there are more, or where keys were deleted.
        """
        if not lowered:
            return
        try:
            with self.client.operation(min(PATIENCE_TO_WARN, self.client.timeout)):
                keys = self.client.keys.pages(workspace_id).fetch()
        except OpenRouterError:
            return
        for interval, limit in lowered.items():
            if (spent := spent_by(keys, interval, bool(byok))) >= limit:
                label = self.label(workspace_id, {})
                self.context.say(f"warning: budget {label}: {all_spent(interval, limit, spent)}")

    def _new_flag(self, olds: Properties, news: Properties, live: _Live) -> bool | None:
        """The flag to send, None where it is as it should be, or was left alone."""
        wanted: bool | None = news.get(BYOK)
        known = olds.get(BYOK) if live.byok is None else live.byok
        return None if wanted in (olds.get(BYOK), known) else wanted

    def _needs_requests(self, olds: Properties, news: Properties) -> bool:
        """Giving up exclusive, or the flag, changes nothing on the server."""
        changed = set(self.changes(olds, news))
        if not news.get("exclusive"):
            changed.discard("exclusive")
        if BYOK not in news:
            changed.discard(BYOK)
        return bool(changed)

    def _removable(self, workspace_id: str, intervals: Iterable[str]) -> list[str]:
        """Those of the intervals that nothing else in this run declares."""
        claims = self.context.claims
        kept = [name for name in intervals if claims.keeps_interval(workspace_id, name)]
        self.leave_alone(workspace_id, kept)
        return [name for name in intervals if name not in kept]

    def _refuse_impossible(
        self,
        live: Mapping[str, float],
        declared: Mapping[str, float],
        wanted: Mapping[str, float],
        removed: list[str],
    ) -> None:
        """Refuse what the API would, while nothing has been sent yet."""
        staying = {
            name: limit
            for name, limit in live.items()
            if name not in wanted and name not in removed
        }
        for narrow, wide in disorder({**staying, **wanted}):
            order = f"{wide} must be greater than {narrow}, and"
            moved = {name: staying[name] for name in (narrow, wide) if name in staying}
            if any(name in declared for name in moved):
                raise OpenRouterError(
                    f"{order} somebody changed the budgets of the workspace: {_listed(moved)}\n"
                    "Run `pulumi refresh` to see them in the next preview."
                )
            raise OpenRouterError(
                f"{order} the workspace has budgets that "
                f"this resource does not declare: {_listed(staying)}\n"
                "Declare them too, choose limits that fit, or set exclusive=True to remove them."
            )

    def _run(self, workspace_id: str, steps: list[Step], live: _Live, byok: bool | None) -> None:
        """Take the steps in order; the flag rides on the first PUT."""
        with Undo(self.client) as undo:
            for step in steps:
                flag = None if step.limit_usd is None else byok
                with undo.step(functools.partial(self._put_back, workspace_id, step, flag, live)):
                    self._take(workspace_id, step, flag)
                byok = byok if flag is None else None

    def _take(self, workspace_id: str, step: Step, byok: bool | None) -> None:
        with _enterprise_hint():
            if step.limit_usd is None:
                delete = functools.partial(self.client.delete_budget, workspace_id, step.interval)
                self.asked(delete, workspace_id)
            else:
                what = (workspace_id, step.interval, step.limit_usd, byok)
                self.asked(functools.partial(self.client.set_budget, *what), workspace_id)

    def _put_back(self, workspace_id: str, step: Step, flag: bool | None, live: _Live) -> None:
        before = live.limits.get(step.interval)
        was = None if flag is None else live.byok
        limit = step.limit_usd if before is None else before
        if limit is not None and (before is not None or was is not None):
            self.client.set_budget(workspace_id, step.interval, limit, was)
        if before is None:
            self.client.delete_budget(workspace_id, step.interval)
        if flag is not None and was is None:
            raise OpenRouterError(f"what {BYOK} was before is not known")


def _limits(properties: Properties) -> dict[str, Any]:
    """The declared limits in USD by interval, from narrow to wide."""
    return {
        interval: properties[limit_field(interval)]
        for interval in INTERVALS
        if limit_field(interval) in properties
    }


def _listed(limits: Mapping[str, float]) -> str:
    return ", ".join(f"{name} ${limit:g}" for name, limit in limits.items())


@contextlib.contextmanager
def _enterprise_hint() -> Iterator[None]:
    try:
        yield
    except ForbiddenError as error:
        error.hint = error.hint or "Budgets need OpenRouter's Enterprise plan."
        raise

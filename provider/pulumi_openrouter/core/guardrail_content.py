"""What a guardrail allows, whether it is assigned or the default one of a workspace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from pulumi_openrouter.core.content_filters import (
    CONTENT_FILTER_BUILTINS,
    CONTENT_FILTERS,
    BuiltinFilter,
    ContentFilter,
)
from pulumi_openrouter.core.fields import (
    Argument,
    Fields,
    ListArgument,
    SetArgument,
    fields_of,
    optional,
)
from pulumi_openrouter.core.kinds import FLAG, USD, Kind, choice, pattern, set_of, text
from pulumi_openrouter.core.lifecycle import Lifecycle, Problem, Properties, Values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pulumi_openrouter.api.guardrails import GuardrailInfo

LIMIT, INTERVAL = "limit_usd", "reset_interval"
MODEL_LISTS = ("allowed_models", "ignored_models")
MODELS = set_of(
    pattern(r"[^\s/]+/\S+", "a model's slug such as openai/gpt-4.1"),
    "model slugs",
    may_be_empty=False,
)
PROVIDERS = set_of(
    pattern(r"[^\s/]\S*", "a provider's slug such as openai"), "provider slugs", may_be_empty=False
)
REGIONS = set_of(choice("global", "europe", "us"), "data regions", may_be_empty=False)


def _may(doc: str, kind: Kind = FLAG) -> Any:
    """A field that is cleared with null."""
    return optional(kind, default=None, nullable=True, doc=doc)


class GuardrailArguments(Fields):
    """What a program may declare of what a guardrail allows."""

    description: Argument[str | None] = _may("What the guardrail is for.", text(0, 1000))
    limit_usd: Argument[float | None] = _may(
        "What each key and each member may spend in an interval, in USD.", USD
    )
    reset_interval: Argument[str | None] = _may(
        "When the limit starts anew; given together with it.",
        choice("daily", "weekly", "monthly"),
    )
    include_byok_in_budgets: Argument[bool | None] = optional(
        FLAG,
        default=None,
        initial=False,
        doc="Whether spending with own provider keys (BYOK) counts towards the limit.",
    )
    allowed_models: SetArgument[str] = _may(
        "The models that may be used, by any of their slugs.", MODELS
    )
    ignored_models: SetArgument[str] = _may(
        "The models that may not be used, by any of their slugs.", MODELS
    )
    allowed_providers: SetArgument[str] = _may("The providers that may be used.", PROVIDERS)
    ignored_providers: SetArgument[str] = _may("The providers that may not be used.", PROVIDERS)
    enforce_zdr_anthropic: Argument[bool | None] = _may(
        "Use models of Anthropic with zero data retention only."
    )
    enforce_zdr_openai: Argument[bool | None] = _may(
        "Use models of OpenAI with zero data retention only."
    )
    enforce_zdr_google: Argument[bool | None] = _may(
        "Use models of Google with zero data retention only."
    )
    enforce_zdr_xai: Argument[bool | None] = _may(
        "Use models of xAI with zero data retention only."
    )
    enforce_zdr_other: Argument[bool | None] = _may(
        "Use all other models with zero data retention only."
    )
    enable_free_model_training: Argument[bool | None] = _may(
        "Allow free endpoints that train on what they are sent."
    )
    enable_free_model_publication: Argument[bool | None] = _may(
        "Allow free endpoints that publish what they are sent."
    )
    enable_paid_model_training: Argument[bool | None] = _may(
        "Allow paid endpoints that train on what they are sent."
    )
    allow_safety_retention_google: Argument[bool | None] = _may(
        "Let models of Google keep what they are sent for safety checks, in spite of ZDR."
    )
    allow_safety_retention_other: Argument[bool | None] = _may(
        "Let all other models keep what they are sent for safety checks, in spite of ZDR."
    )
    allowed_data_regions: SetArgument[str] = _may(
        "The regions through which requests must come: global, europe, us.", REGIONS
    )
    content_filters: ListArgument[ContentFilter] = _may(
        "Regular expressions, each with pattern, action (redact, block or flag) and label.",
        CONTENT_FILTERS,
    )
    content_filter_builtins: ListArgument[BuiltinFilter] = _may(
        "OpenRouter's own filters, each with slug and action (redact, block or flag).",
        CONTENT_FILTER_BUILTINS,
    )


CONTENT = tuple(fields_of(GuardrailArguments))


class ContentLifecycle(Lifecycle):
    """What guardrails have in common: their content."""

    content: Sequence[str] = CONTENT
    """The arguments that PATCH of a guardrail takes."""

    def problems_between(self, olds: Properties, news: Properties) -> Iterator[Problem]:
        """A limit and its interval are declared together."""
        for name, other in ((LIMIT, INTERVAL), (INTERVAL, LIMIT)):
            if name in news and other not in news:
                yield Problem(other, f"is missing: {name} needs it")

    def body_of_change(self, olds: Properties, news: Properties) -> Values:
        """What differs, null for what is no longer declared; a limit comes with its interval."""
        changed = {name for name in self.settings_to_send(olds, news) if name in self.content}
        if changed & {LIMIT, INTERVAL}:
            changed |= {LIMIT, INTERVAL}
        return self.body_of(news, [name for name in self.content if name in changed])

    def live_content(self, guardrail: GuardrailInfo | None, wanted: Mapping[str, Any]) -> Values:
        """The wanted content as the API has it, models in the spelling in which they are wanted."""
        answered = attrs.asdict(guardrail) if guardrail else {}
        live: Values = {}
        for name in self.content:
            value = self.fields[name].from_api(answered.get(name))
            if name in wanted and value is not None:
                live[name] = value
        for name in MODEL_LISTS:
            if name in live and wanted[name] is not None:
                live[name] = self.context.models.in_spelling_of(wanted[name], live[name])
        return live

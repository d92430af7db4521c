"""What is wrong with an answer, as the error that says so and hints at a remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_openrouter.api.answer import MAX_ANSWER_BYTES, Answer
from pulumi_openrouter.api.errors import (
    INFERENCE_KEY_HINT,
    ApiError,
    BadAnswerError,
    Call,
    error_class,
    one_line,
)
from pulumi_openrouter.api.unanswered import wait

if TYPE_CHECKING:
    from pulumi_openrouter.api.session import Bearer

PROXY_HINT = "Check the base URL, and that no proxy answers in place of the API."
USUAL_PATH = "/api/v1"


def too_large(call: Call, *, again: bool) -> BadAnswerError:
    """The answer is larger than `MAX_ANSWER_BYTES`."""
    message = f"an answer larger than {MAX_ANSWER_BYTES >> 20} MiB, which the API never sends"
    return BadAnswerError(message, call, PROXY_HINT, transient=again)


def cut_short(call: Call, status: int, what_broke: str) -> BadAnswerError:
    """The answer reports success, and what was created can't be read from it."""
    return BadAnswerError(f"{status}, then {what_broke}", call)


def misshapen(call: Call, answer: Answer, base_url: str, *, again: bool) -> BadAnswerError:
    """The answer reports success, and its body is not what the API would send."""
    message = f"{answer.status} with {answer.content} that is not the API's answer"
    return BadAnswerError(message, call, _path_hint(base_url) or PROXY_HINT, transient=again)


def foreign(call: Call, answer: Answer, base_url: str) -> BadAnswerError:
    """The answer is a refusal or redirect by someone other than the API."""
    what = f" with {answer.content}"
    if answer.is_redirect:
        what = ", a redirect to another address"
    hint = f"This answer did not come from the API: is the base URL {base_url} right?"
    return BadAnswerError(f"{answer.status}{what}", call, _path_hint(base_url) or hint)


def refusal(
    call: Call, answer: Answer, bearer: Bearer, base_url: str, unmet_wait: float
) -> ApiError:
    """The API's refusal, in its own words where it gives any.

    Args:
        call: the request.
        answer: the refusal.
        bearer: its key is hidden in what the API says.
        base_url: the address that was asked.
        unmet_wait: the seconds that the API asked to wait, if the operation can't; else 0.
    """
    status = answer.status
    hint = f"Not retried: {wait(unmet_wait)}." if unmet_wait else _hint(status, bearer, base_url)
    return error_class(status)(
        call,
        status,
        _cleaned(answer.api_message or f"{answer.content} instead of the API's answer", bearer),
        _cleaned(answer.headers.get("X-Request-Id", ""), bearer),
        hint,
    )


def _hint(status: int, bearer: Bearer, base_url: str) -> str:
    if status in (401, 403) and bearer.looks_like_inference_key:
        return INFERENCE_KEY_HINT
    if status == 401:
        origin = f" It comes from {bearer.origin}." if bearer.origin else ""
        return f"The key is not accepted: was it revoked or mistyped?{origin}"
    return _path_hint(base_url) if status == 404 else ""


def _path_hint(base_url: str) -> str:
    """Where the base URL has another path than usual, that it has, else ""."""
    if base_url.endswith(USUAL_PATH):
        return ""
    return f"The base URL is {base_url}: it usually ends in {USUAL_PATH}."


def _cleaned(text: str, bearer: Bearer) -> str:
    return one_line(bearer.hidden_in(text))

"""What went wrong with a request, as the error that says so and hints at a remedy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_openrouter.api import connection_errors
from pulumi_openrouter.api.answer import MAX_ANSWER_BYTES, Answer
from pulumi_openrouter.api.errors import (
    INFERENCE_KEY_HINT,
    ApiError,
    BadAnswerError,
    Call,
    NoAnswerError,
    error_class,
    one_line,
)

if TYPE_CHECKING:
    from pulumi_openrouter.api.session import Bearer

PROXY_HINT = "Check the base URL, and that no proxy answers in place of the API."
CERTIFICATES_HINT = (
    "Behind a proxy with certificates of its own, set REQUESTS_CA_BUNDLE to a file of them."
)
BUNDLE_HINT = "Set REQUESTS_CA_BUNDLE to an existing file, or unset it."


def asked_to_wait(call: Call, seconds: float) -> NoAnswerError:
    """Not sent: the API wants no requests for longer than the operation may take."""
    return NoAnswerError(f"not sent: {_wait(seconds)}", call)


def out_of_time(call: Call) -> NoAnswerError:
    """Not sent: the operation should have ended already."""
    return NoAnswerError("not sent: this operation ran out of time", call)


def no_answer(call: Call, base_url: str, error: Exception) -> NoAnswerError:
    """There was no connection, or it broke or timed out with this error."""
    host = urlsplit(base_url).netloc
    if connection_errors.is_untrusted(error):
        return NoAnswerError(f"no trusted TLS connection to {host}", call, CERTIFICATES_HINT)
    if connection_errors.is_local(error):
        return NoAnswerError(f"not sent: {one_line(str(error))}", call, BUNDLE_HINT)
    message = f"{one_line(connection_errors.reason(error))} ({host})"
    return NoAnswerError(message, call, transient=connection_errors.may_pass(error))


def too_large(call: Call) -> BadAnswerError:
    """The answer is larger than `MAX_ANSWER_BYTES`."""
    message = f"an answer larger than {MAX_ANSWER_BYTES >> 20} MiB, which the API never sends"
    return BadAnswerError(message, call, PROXY_HINT, transient=True)


def misshapen(call: Call, answer: Answer) -> BadAnswerError:
    """The answer reports success, and its body is not what the API would send."""
    message = f"{answer.status} with {answer.content} that is not the API's answer"
    return BadAnswerError(message, call, PROXY_HINT, transient=True)


def foreign(call: Call, answer: Answer, base_url: str) -> BadAnswerError:
    """The answer is a refusal or redirect by someone other than the API."""
    what = f" with {answer.content}"
    if answer.is_redirect:
        what = ", a redirect to another address"
    hint = f"This answer did not come from the API: is the base URL {base_url} right?"
    return BadAnswerError(f"{answer.status}{what}", call, hint)


def refusal(call: Call, answer: Answer, bearer: Bearer, unmet_wait: float) -> ApiError:
    """The API's refusal, in its own words where it gives any.

    Args:
        call: the request.
        answer: the refusal.
        bearer: its key is hidden in what the API says.
        unmet_wait: the seconds that the API asked to wait, if the operation can't; else 0.
    """
    status = answer.status
    return error_class(status)(
        call,
        status,
        _cleaned(answer.api_message or f"{answer.content} instead of the API's answer", bearer),
        _cleaned(answer.headers.get("X-Request-Id", ""), bearer),
        _hint(status, bearer, unmet_wait),
    )


def _hint(status: int, bearer: Bearer, unmet_wait: float) -> str:
    if status in (401, 403) and bearer.looks_like_inference_key:
        return INFERENCE_KEY_HINT
    return f"Not retried: {_wait(unmet_wait)}." if unmet_wait else ""


def _cleaned(text: str, bearer: Bearer) -> str:
    return one_line(bearer.hidden_in(text))


def _wait(seconds: float) -> str:
    return f"the API asked to wait {math.ceil(seconds)} seconds"

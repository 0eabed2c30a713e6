"""Errors of the providers' SDKs in words that hold nothing of what a provider sent: that may name the key."""

from dataclasses import dataclass

import httpx2

from agent.events import Failure

_REFUSED = (401, 403)
_RATE_LIMITED, _TIMED_OUT, _CONFLICT, _TOO_LARGE = 429, 408, 409, 413
_CLIENT_ERRORS, _SERVER_ERRORS = 400, 500
_LONGEST_WAIT = 3600.0

CUT = Failure(code="stream_cut", message="The model's answer was cut off. Try again.", retryable=True)
UNAVAILABLE = Failure(code="provider_unavailable", message="The model's provider is not available.", retryable=True)
TIMED_OUT = Failure(code="provider_timeout", message="The model did not answer in time.", retryable=True)
TOO_LONG = Failure(code="answer_too_long", message="The model's answer became too long.", retryable=True)


@dataclass(frozen=True)
class SdkErrors:
    """The errors of an SDK; both SDKs are made by the same generator, and have the same."""

    any: type[Exception]
    status: type[Exception]
    timeout: type[Exception]
    connection: type[Exception]


def describe(error: BaseException, sdk: SdkErrors) -> Failure | None:
    """What a person is told; None if it is no error of a provider's."""
    if isinstance(error, sdk.status):
        response: httpx2.Response = error.response  # type: ignore[attr-defined]  # every one has it
        return _status(response.status_code, response.headers, quota="insufficient_quota" in _kind(error))
    if isinstance(error, (sdk.timeout, httpx2.TimeoutException)):
        return TIMED_OUT
    if isinstance(error, httpx2.TransportError):
        # The connection was there and broke.
        return CUT
    if isinstance(error, sdk.connection):
        return CUT if isinstance(error.__cause__, httpx2.RemoteProtocolError) else UNAVAILABLE
    # What comes in the middle of a stream has no status.
    return UNAVAILABLE if isinstance(error, sdk.any) else None


def _kind(error: BaseException) -> str:
    return f"{getattr(error, 'code', '')} {getattr(error, 'type', '')}"


def _status(status: int, headers: httpx2.Headers, *, quota: bool) -> Failure:
    if status == _RATE_LIMITED and quota:
        return Failure(code="quota_exceeded", message="The quota at the model's provider is used up.", retryable=False)
    if status == _RATE_LIMITED:
        message = "The model's provider has too many requests."
        return Failure(code="rate_limited", message=message, retryable=True, retry_after=_retry_after(headers))
    if status in _REFUSED:
        return Failure(code="key_refused", message="The model's provider refuses the key.", retryable=False)
    if status in (_TIMED_OUT, _CONFLICT) or status >= _SERVER_ERRORS:
        return UNAVAILABLE.model_copy(update={"retry_after": _retry_after(headers)})
    if status < _CLIENT_ERRORS:
        # An error in the middle of a stream that began well.
        return UNAVAILABLE
    message = "The model's provider does not take this request."
    if status == _TOO_LARGE:
        message = "The conversation is too long for the model."
    return Failure(code="provider_rejected", message=f"{message} (HTTP {status})", retryable=False)


def _retry_after(headers: httpx2.Headers) -> float | None:
    try:
        seconds = (
            float(headers["retry-after-ms"]) / 1000 if "retry-after-ms" in headers else float(headers["retry-after"])
        )
    except (KeyError, ValueError):
        return None
    return min(seconds, _LONGEST_WAIT) if seconds >= 0 else None

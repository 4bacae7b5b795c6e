"""What can go wrong at GitHub, by what one does about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from githubkit.exception import (
    GitHubException,
    PrimaryRateLimitExceeded,
    RateLimitExceeded,
    RequestError,
    RequestFailed,
    RequestTimeout,
)

_SECONDARY_LIMIT_PAUSE = timedelta(seconds=60)
"""GitHub: without `retry-after`, wait at least one minute. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api"""


class GitHubError(Exception):
    """GitHub did not do what we asked. `call` names method and path, `date` is GitHub's time where it answered."""

    def __init__(self, call: str, message: str, *, date: str = "") -> None:
        super().__init__(f"{call}: {message}")
        self.call = call
        self.date = date


class RateLimited(GitHubError):
    """Ask nothing more of this installation before `pause` has passed."""

    def __init__(self, call: str, message: str, pause: timedelta) -> None:
        super().__init__(call, message)
        self.pause = pause


class HeldBack(GitHubError):
    """We did not ask: what is left of the limits is kept for checks. Worth trying later."""


class NotFound(GitHubError):
    """The object is gone, or we may not see it."""


class Forbidden(GitHubError):
    """The App lacks a permission, or the installation is suspended."""


class BadCredentials(Forbidden):
    """401: the token is expired or revoked. Nothing took effect."""


class Refused(GitHubError):
    """GitHub understood and declines: validation, conflict, not mergeable."""


class Unavailable(GitHubError):
    """A passing fault: 5xx, time-out, no connection. A write may or may not have taken effect."""


@contextmanager
def translated(call: str) -> Iterator[None]:
    """Turn githubkit's exceptions into ours."""
    try:
        yield
    except RateLimitExceeded as error:
        kind = "the hourly limit" if isinstance(error, PrimaryRateLimitExceeded) else "the secondary limit"
        raise RateLimited(call, f"{kind} is reached", error.retry_after) from error
    except RequestFailed as error:
        raise _failed(call, error) from error
    except RequestError as error:
        raise _unheard(call, error) from error
    except GitHubException as error:
        raise Unavailable(call, f"{type(error).__name__}: {error}") from error


def _failed(call: str, error: RequestFailed) -> GitHubError:
    message, date = _message(error), _date(error)
    status = error.response.status_code
    if status in (403, 429) and "rate limit" in message.lower():
        return RateLimited(call, message, _SECONDARY_LIMIT_PAUSE)
    kind: type[GitHubError] = Refused
    if status in (404, 410):
        kind = NotFound
    elif status == 401:
        kind = BadCredentials
    elif status == 403:
        kind = Forbidden
    elif status >= 500:
        kind = Unavailable
    return kind(call, f"{status} {message}", date=date)


def _unheard(call: str, error: RequestError[Exception]) -> Unavailable:
    """githubkit asks for the installation's token in between. A refusal of that says nothing of the call itself (a 404
    is no missing object, a 401 passes with the wrong clock), so what waits is tried again later."""
    cause = error.exc
    if isinstance(cause, RequestFailed):
        told = f"GitHub gives no token: {cause.response.status_code} {_message(cause)}"
        return Unavailable(call, told, date=_date(cause))
    if isinstance(error, RequestTimeout) or isinstance(cause, RequestTimeout):
        return Unavailable(call, "no answer in time")
    return Unavailable(call, f"no answer: {cause}")


def _date(error: RequestFailed) -> str:
    return str(error.response.headers.get("date", ""))


def _message(error: RequestFailed) -> str:
    try:
        body = error.response.json()
    except ValueError:
        return error.response.text[:200]
    return str(body.get("message", ""))[:200] if isinstance(body, dict) else ""

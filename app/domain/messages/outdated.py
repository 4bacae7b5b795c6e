"""The words of a check on a commit that it gates no more."""

from app.domain.model import PullRequestStatus


def outdated_title(number: int, status: PullRequestStatus) -> str:
    match status:
        case PullRequestStatus.OPEN:
            return f"Outdated: this commit is no head of #{number} that fluxmig gates"
        case PullRequestStatus.MERGED:
            return f"#{number} is merged"
        case PullRequestStatus.CLOSED:
            return f"#{number} is closed"


def outdated_summary(number: int, status: PullRequestStatus) -> str:
    if status is PullRequestStatus.OPEN:
        return (
            f"Somebody asked for this check again. #{number} has another head by now, or aims at another branch, so "
            "the verdict of then is kept. The head of the pull request has a check of its own."
        )
    return f"Somebody asked for this check again. #{number} is {status}, so the verdict of then is kept."

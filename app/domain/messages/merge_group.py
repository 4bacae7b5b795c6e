"""What is said of a merge group and of its members."""

from collections.abc import Sequence

from app.domain.messages.phrases import pull_requests

GROUP_REMEDY = (
    "**What would change it.** Take what may not land out of the queue. GitHub builds the groups behind it anew, and "
    "fluxmig judges them then."
)
FREED_BY_ORDER = "What it waits for lands before it."
NOT_JUDGED = "Not judged: it is not in the plan of the default branch."


def group_title(numbers: Sequence[int]) -> str:
    if not numbers:
        return "Unknown: the merge group names no pull request"
    if len(numbers) == 1:
        return f"#{numbers[0]} may land"
    return f"{pull_requests(numbers)} may land in this order"


def group_intro(numbers: Sequence[int], before: Sequence[int]) -> str:
    """Who is in the group; what is understood is said, so that a mistake shows."""
    if not numbers:
        return "fluxmig could not tell which pull requests are in this merge group. It neither holds nor frees it."
    behind = f" It lands after {pull_requests(before)}." if before else ""
    return f"Merge group of {pull_requests(numbers)}, in this order.{behind}"


def member_reason(number: int, reason: str) -> str:
    return reason if reason.startswith(f"#{number} ") else f"#{number} may not land: {reason}"


def rollout_between_reason(number: int, to: int, reason: str) -> str:
    return f"#{to} must be rolled out before #{number} is merged, and the queue would merge both at once. {reason}"

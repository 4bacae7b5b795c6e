"""From the facts of a pull request to the text that classification reads."""

from app.domain.classification import PullRequestText, classify
from app.domain.model import ChangeStatus, Classification, FileChange, PullRequest


def classify_pull_request(pull_request: PullRequest) -> Classification:
    return classify(pull_request_text(pull_request))


def pull_request_text(pull_request: PullRequest) -> PullRequestText:
    """The whole diff is put together again from the patches of the files."""
    return PullRequestText(
        title=pull_request.title,
        files=tuple(change.path for change in pull_request.changes),
        patch="".join(_diff(change) for change in pull_request.changes),
        body=pull_request.body or None,
        branch=pull_request.branch or None,
        labels=pull_request.labels,
    )


def _diff(change: FileChange) -> str:
    old = change.previous_path or change.path
    header = f"diff --git a/{old} b/{change.path}\n"
    if change.status is ChangeStatus.ADDED:
        header += "new file mode 100644\n"
    elif change.status is ChangeStatus.REMOVED:
        header += "deleted file mode 100644\n"
    elif change.status is ChangeStatus.RENAMED:
        header += f"rename from {old}\nrename to {change.path}\n"
    if not change.patch:
        return header
    before = "/dev/null" if change.status is ChangeStatus.ADDED else f"a/{old}"
    after = "/dev/null" if change.status is ChangeStatus.REMOVED else f"b/{change.path}"
    return f"{header}--- {before}\n+++ {after}\n{change.patch.rstrip(chr(10))}\n"

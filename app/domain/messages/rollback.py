"""What is said of taking a merge back: the order, what must stay, and the commands."""

from collections.abc import Sequence

from app.domain.messages.phrases import at, listed, pull_requests
from app.domain.model import Evidence, Gvk


def uses_reason(*, user: int, used: int, api: Gvk, name: str, version: str) -> str:
    return f"#{user} uses {api.kind} `{api.api_version}`, which came with {name} {version} (#{used})"


def depends_reason(user: int, used: int) -> str:
    return f"#{user} depends on #{used}, as a person said"


def flux_minor_reason(*, name: str, before: str, after: str) -> str:
    return (
        f"it took {name} from {before} to {after}, and Flux Operator refuses to go back a minor version: objects may "
        "be stored in APIs that the older one does not know"
    )


def kubernetes_minor_reason(*, name: str, before: str, after: str) -> str:
    return f"it took {name} from {before} to {after}, and a control plane cannot go back a minor version"


def storage_reason(*, name: str, before: str, after: str, api: Gvk) -> str:
    return (
        f"it took {name} from {before} to {after}, which brought {api.kind} `{api.api_version}`: objects may be stored "
        f"in it by now, and the API server refuses a CRD without a stored version (see `status.storedVersions`)"
    )


def used_again_reason(
    *,
    api: str,
    uses: Sequence[Evidence],
    name: str,
    serves: str,
    removed: str,
    standing: str,
    by: Sequence[int],
) -> str:
    gone = f"no longer {serves} from {removed}" if removed else f"{serves} in none of the versions that may run there"
    return f"{_places(uses)} would use {api} again, which {name} {gone}; {standing}{_since(by)}"


def used_again_unknown(*, api: str, uses: Sequence[Evidence], scope: str) -> str:
    return (
        f"It is not known whether cluster {scope} serves {api}, which {_places(uses)} would use again: look before you "
        "merge it."
    )


def in_one_reason(*, api: str, uses: Sequence[Evidence], serves: str, version: str, shared: str) -> str:
    return (
        f"{_places(uses)} would use {api} again, which {version} {serves}, and both would come back in one Flux "
        f"Kustomization ({shared}), which Flux applies as a whole or not at all"
    )


def left_behind_reason(*, api: str, uses: Sequence[Evidence], serves: str, version: str) -> str:
    """`version` is "" where the CustomResourceDefinition in Git goes."""
    use = "uses" if len(uses) == 1 else "use"
    lacks = f"which {version} {_NOT[serves]}" if version else "and its CustomResourceDefinition in Git would go"
    return f"{_places(uses)} {use} {api}, {lacks}"


_NOT = {"serves": "does not serve", "knows": "does not know"}


def unfit_reason(
    *, what: str, where: Evidence, comes_back: bool, needs: str, other: str, goes_back: bool, by: Sequence[int]
) -> str:
    one = f"{what} would come back ({at(where)}), which" if comes_back else f"{what} ({at(where)}{_since(by)})"
    then = f"it would be {other} again" if goes_back else f"{other} stays{_since(by)}"
    return f"{one} needs {needs}, and {then}"


def undeclared_warning(*, name: str, uses: Sequence[Evidence]) -> str:
    return (
        f"Git would no longer say which version of {name} runs, whose APIs {_places(uses)} would still name: look "
        "before you merge it."
    )


def goes_first_reason(number: int, why: str) -> str:
    return f"#{number} would have to be reverted before it and must stay too: {why}"


def may_break(why: str) -> str:
    return f"It may break what is there: {why}."


def keep_way(newer: Gvk, *, name: str) -> str:
    return (
        f"Mend it by a step forward instead, or revert the rest of it by hand and keep {newer.kind} "
        f"`{newer.api_version}`, which {name} serves."
    )


def one_by_one_way(version: str) -> str:
    return f"Bring {version} back alone, let it roll out, and then revert the rest."


MOVE_FIRST = "Move what uses it first, or mend it by a step forward instead."


def _places(uses: Sequence[Evidence]) -> str:
    return listed([at(use) for use in uses])


def _since(by: Sequence[int]) -> str:
    return f", since {pull_requests(by[:1])}" if by else ""


def instead_words(instead: Sequence[int]) -> str:
    if not instead:
        return "Mend it by a step forward instead."
    return f"Revert what uses it instead: {pull_requests(instead)}."


def conflict_words(path: str, *, number: int, since: Sequence[int], unreadable: bool) -> str:
    place = path.replace("`", "'")
    if unreadable:
        return f"`{place}` of #{number} is a file that fluxmig does not read; restore it by `git revert`."
    if since:
        return (
            f"`{place}` was changed in the same place by {pull_requests(since)} after #{number}: revert that first "
            "(`/fluxmig rollback` there), or solve the conflict by hand."
        )
    return f"`{place}` was changed in the same place after #{number}, by a push: solve the conflict by hand."


UNDONE = "Git has its files again as they were before it: there is nothing to revert."
NOT_MERGED = "This pull request is not merged, so there is nothing to revert. Close it instead."
UNKNOWN = "I do not know this merge: it was merged before I was here, or too long ago. `git revert` does it."
ORDER_HEAD = "**Revert in this order**, dependants first:"
STAYS_HEAD = "**What must stay:**"
CONFLICT_HEAD = "**What does not come back by itself:**"
COMMANDS_HEAD = "**By hand**, with Flux standing still meanwhile:"
WARNING_HEAD = "**What I do not know:**"
CONFIRM = "Say `/fluxmig rollback --yes` to have me open a pull request that reverts {what}."
NO_GRANT = (
    "I may not write to this repository, so I opened nothing. To let me, give the App the permission "
    "`contents: write`; it is optional, and used for nothing else."
)
NOT_IN_MODE = "I opened nothing: the mode of this repository is `{mode}`, and only `act` opens pull requests."
REFUSED_BY_GITHUB = "GitHub did not take it ({why}), so I opened nothing."
MERGE_COMMITS = "# add `-m 1` for a merge commit"


def revert_title(number: int, title: str) -> str:
    return f"Revert #{number}: {title}"


def revert_opened(number: int) -> str:
    return f"Opened #{number}. Merging it is yours to do; no incident holds it."


def revert_exists(number: int) -> str:
    return f"#{number} reverts this already, and is open."


def branch_taken(branch: str) -> str:
    return (
        f"There is a branch `{branch}` already that I cannot use: delete it, or open a pull request from it, and "
        "say it again."
    )


def base_moved() -> str:
    return "The base branch moved while I wrote. Say it again."


def revert_history(number: int, reverts: Sequence[int]) -> str:
    return f"Opened #{number}, which reverts {pull_requests(reverts)}."

"""A rollback as the plan sees it: its files as a pull request on the base branch, and the branch after it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from app.domain.base_facts import BaseFacts, read_base, update_base
from app.domain.catalogue import Catalogue
from app.domain.culprits import Merge
from app.domain.declarations import Releases
from app.domain.diff import git_blob_id
from app.domain.model import ChangeStatus, FileChange, PullRequest, Snapshot, SourceFile
from app.domain.pull_request_facts import PullRequestFacts, read_pull_request
from app.domain.serving import Serving
from app.domain.situation import Situation
from app.domain.versions import Version

Good = Callable[[Version], bool | None]
"""Whether a version of a provider is one with which all is well; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Present:
    """The base branch as clusters read it, and what is known to run. `ignores`: a path that no cluster reads."""

    base: BaseFacts
    serving: Serving
    ignores: Callable[[str], bool]


def read_present(snapshot: Snapshot, catalogue: Catalogue, ignores: Callable[[str], bool] = lambda _: False) -> Present:
    base = read_base(snapshot.tree, catalogue)
    return Present(base, Serving(snapshot, base), ignores)


@dataclass(frozen=True, slots=True)
class Break:
    """`by` are the merges that made it so: it does not break once they are taken back as well. `way` says what can be
    done where they cannot."""

    why: str
    by: tuple[int, ...] = ()
    way: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is not known breaks nothing, but people should look."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Backward:
    """`facts` is what the files of the rollback do to the base branch, `after` what that becomes, and `others` are the
    merges that stand after it."""

    facts: PullRequestFacts
    after: BaseFacts
    situation: Situation
    others: tuple[Merge, ...]

    @property
    def base(self) -> BaseFacts:
        return self.situation.base

    @property
    def catalogue(self) -> Catalogue:
        return self.situation.catalogue

    def runs(self, provider: str, scope: str) -> Releases:
        """What a provider is that stays, as soon as what is merged is rolled out; nothing where that is not known."""
        standing = self.situation.serving.standing(provider, scope)
        if not standing.is_known:
            return Releases()
        return standing.declared.releases if standing.pending and standing.declared else standing.running

    def turned(self, provider: str, scope: str, good: Good) -> tuple[int, ...]:
        """The merge that took a provider from a version that is good to one that is not, and those that raised it
        since, to others that are not."""
        bad = [
            (merge, Version.parse(one.from_ or ""))
            for merge in sorted(self.others, key=lambda merge: merge.merged_at)
            for one in merge.provides
            if (one.provider, one.scope) == (provider, scope)
            and (after := Version.parse(one.to)) is not None
            and good(after) is False
        ]
        turned = [merge.merged_at for merge, before in bad if before is not None and good(before) is not False]
        return tuple(merge.number for merge, _ in bad if turned and merge.merged_at >= turned[-1])


def read_backward(
    number: int, files: Mapping[str, str | None], others: Iterable[Merge], present: Present
) -> Backward | None:
    """`files`: path -> text, None for a file that goes. None where no cluster reads any of them."""
    base = present.base
    changes = tuple(
        _change(path, base.tree.get(path), text) for path, text in files.items() if not present.ignores(path)
    )
    if not changes:
        return None
    pull_request = PullRequest(number, "", "", "", by_renovate=False, changes=changes)
    kept = {path: file for path, file in base.tree.items() if path not in files}
    back = {change.path: change.after for change in changes if change.after is not None}
    facts = read_pull_request(pull_request, base)
    situation = Situation(base=base, serving=present.serving, open={number: pull_request}, facts={number: facts})
    return Backward(facts, update_base(base, {**kept, **back}), situation, tuple(others))


def _change(path: str, now: SourceFile | None, text: str | None) -> FileChange:
    after = None if text is None else SourceFile(path, git_blob_id(text), text)
    status = ChangeStatus.REMOVED if after is None else ChangeStatus.MODIFIED if now else ChangeStatus.ADDED
    return FileChange(path, status, "", now, after)

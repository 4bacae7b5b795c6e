"""The `pair` edges of steps that must be taken one after the other, and of kubelet with kube-apiserver.

Control planes go up one minor at a time, and a Talos release can be reached from some minors only
(https://kubernetes.io/releases/version-skew-policy/, siderolabs/talos pkg/machinery/compatibility). A kubelet is never
newer than the kube-apiserver, and at most three minors older. Where an open pull request takes the step in between, it
is waited for; where none does, `steps` and a warning say so.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain import messages
from app.domain.catalogue import KUBERNETES, TALOS, minor_of
from app.domain.declarations import VersionChange
from app.domain.liveness import is_live
from app.domain.model import Condition, Edge, EdgeKind, Evidence, Strength
from app.domain.pins import read_pins
from app.domain.pull_request_facts import PullRequestFacts
from app.domain.references import ReferenceKind
from app.domain.situation import Situation, brings
from app.domain.upgrades import Upgrade
from app.domain.versions import Version

SKEW_POLICY = "https://kubernetes.io/releases/version-skew-policy/"
TALOS_PATHS = "https://github.com/siderolabs/talos/tree/main/pkg/machinery/compatibility"
KUBELET, APISERVER = "kubelet", "kube-apiserver"
OLDEST_KUBELET = 3
"""How many minors a kubelet may be older than the kube-apiserver, from Kubernetes 1.28 on."""


def find_steps(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """An edge to the pull request that takes the step in between, for each version change that skips one."""
    for change in facts.changes:
        before = situation.serving.standing(change.provider, change.scope).running.exact
        after = change.after.releases.exact
        if before is None or after is None or (fact := _skipped(change.provider, before, after, situation)) is None:
            continue
        between = _Between(change.provider, before, after, situation)
        found = situation.bringing(change.provider, change.scope, between.holds, besides=facts.number)
        if found:
            yield _step_edge(facts.number, change, found, fact, situation)


def _skipped(provider: str, before: Version, after: Version, situation: Situation) -> Evidence | None:
    """The rule that a step breaks; None where it breaks none."""
    if provider == KUBERNETES and after.major == before.major and after.minor > before.minor + 1:
        return Evidence(SKEW_POLICY, 0, "control planes go up one minor at a time")
    facts = situation.catalogue.talos.get(minor_of(after)) if provider == TALOS else None
    if facts is not None and before < facts.upgrade_from:
        return Evidence(
            TALOS_PATHS, 0, f"Talos {after.major}.{after.minor} can only be reached from {facts.upgrade_from} or newer"
        )
    return None


@dataclass(frozen=True, slots=True)
class _Between:
    """The versions on the way from one to another."""

    provider: str
    before: Version
    after: Version
    situation: Situation

    def holds(self, other: VersionChange) -> bool:
        """Whether another version is a step on the way, from which the end can be reached."""
        version = other.after.releases.exact
        if version is None or not minor_of(self.before) < minor_of(version) < minor_of(self.after):
            return False
        return self.provider == KUBERNETES or _skipped(self.provider, version, self.after, self.situation) is None


def _step_edge(
    number: int, change: VersionChange, found: list[tuple[int, VersionChange]], fact: Evidence, situation: Situation
) -> Edge:
    """To the last of the steps in between: it waits for those before it itself."""
    to, other = found[-1]
    reason = messages.step_reason(
        number=number, what=brings(situation, change), rule=fact.text, provider=to, brings=brings(situation, other)
    )
    return Edge(
        from_=number,
        to=to,
        kind=EdgeKind.PAIR,
        strength=Strength.HARD,
        condition=Condition.ROLLED_OUT,
        reason=reason,
        evidence=(change.source, other.source, fact),
        alternatives=tuple(one for one, _ in reversed(found[:-1])),
    )


@dataclass(frozen=True, slots=True)
class _Gap:
    """A kubelet or kube-apiserver that a pull request moves too far from the other one, which stands at `other_at`."""

    upgrade: Upgrade
    other: str
    other_at: Version
    other_line: Evidence
    rule: str

    def closes(self, version: Version) -> bool:
        """Whether the other one at this version would be near enough."""
        moved = Version.parse(self.upgrade.after)
        if moved is None:
            return False
        kubelet, apiserver = (moved, version) if self.other == APISERVER else (version, moved)
        return _fits(kubelet, apiserver)


def find_skew(facts: PullRequestFacts, situation: Situation) -> Iterator[Edge]:
    """An edge to the pull request that moves the other one of kubelet and kube-apiserver near enough."""
    for gap in _gaps(facts, situation):
        found = [
            (number, theirs)
            for number, theirs in situation.upgrading(gap.other, ReferenceKind.IMAGE, besides=facts.number)
            if theirs.scopes & gap.upgrade.scopes and (version := Version.parse(theirs.after)) and gap.closes(version)
        ]
        if found:
            to, theirs = min(found, key=lambda one: one[0])
            reason = messages.skew_reason(
                number=facts.number, moved=f"{gap.upgrade.short} {gap.upgrade.after}", rule=gap.rule,
                other=f"{gap.other} {_bare(gap.other_at)}", provider=to, brings=f"{gap.other} {theirs.after}",
            )  # fmt: skip
            evidence = (gap.upgrade.source, gap.other_line, theirs.source, Evidence(SKEW_POLICY, 0, gap.rule))
            yield Edge(facts.number, to, EdgeKind.PAIR, Strength.HARD, Condition.MERGED, reason, evidence)


def find_skew_warnings(facts: PullRequestFacts, situation: Situation) -> Iterator[str]:
    """Sentences for the gaps that no open pull request closes."""
    closed = {edge.evidence[0] for edge in find_skew(facts, situation)}
    for gap in _gaps(facts, situation):
        if gap.upgrade.source not in closed:
            yield messages.skew_warning(
                number=facts.number,
                moved=f"{gap.upgrade.short} to {gap.upgrade.after}",
                rule=gap.rule,
                other=f"{gap.other} {_bare(gap.other_at)}",
                where=gap.other_line,
            )


def _gaps(facts: PullRequestFacts, situation: Situation) -> Iterator[_Gap]:
    for upgrade in facts.upgrades:
        if upgrade.short not in {KUBELET, APISERVER} or upgrade.kind is not ReferenceKind.IMAGE or upgrade.digest:
            continue
        other = APISERVER if upgrade.short == KUBELET else KUBELET
        moved = Version.parse(upgrade.after)
        stands = _stands(other, upgrade, facts, situation)
        if moved is None or stands is None:
            continue
        at, line = stands
        kubelet, apiserver = (moved, at) if other == APISERVER else (at, moved)
        if not _fits(kubelet, apiserver):
            newer = minor_of(kubelet) > minor_of(apiserver)
            rule = (
                "a kubelet must not be newer than the kube-apiserver"
                if newer
                else f"a kubelet may be at most {OLDEST_KUBELET} minors older than the kube-apiserver"
            )
            yield _Gap(upgrade, other, at, line, rule)


def _fits(kubelet: Version, apiserver: Version) -> bool:
    if kubelet.major != apiserver.major:
        return True
    return 0 <= apiserver.minor - kubelet.minor <= OLDEST_KUBELET


def _stands(
    name: str, upgrade: Upgrade, facts: PullRequestFacts, situation: Situation
) -> tuple[Version, Evidence] | None:
    """At which version the other one is, in a cluster that both are in: the lowest of its pins, moved by this very pull
    request or as the base has them."""
    own = [theirs for theirs in facts.upgrades if theirs.short == name and theirs.scopes & upgrade.scopes]
    found = [(version, theirs.source) for theirs in own if (version := Version.parse(theirs.after))]
    if not found:
        for path, file in situation.base.tree.items():
            if name in file.text and is_live(path) and situation.base.scopes.of(path) & upgrade.scopes:
                found += [
                    (version, Evidence(path, pin.line, f"{name} {pin.version}"))
                    for pin in read_pins(file)
                    if pin.name == name and _is_image(file.text, pin.line) and (version := Version.parse(pin.version))
                ]
    return min(found, key=lambda one: one[0], default=None)


def _bare(version: Version) -> str:
    return str(version).removeprefix("v")


def _is_image(text: str, line: int) -> bool:
    """Whether the line holds an image: `kubernetesVersion:` with a hint at the kubelet means the control plane too."""
    return "/" in text.splitlines()[line - 1].partition("#")[0]

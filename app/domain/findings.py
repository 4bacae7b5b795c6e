"""What is wrong, or will be, with the APIs that a repository uses: measured by the versions that it declares itself."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from app.domain.api_places import Place, Role, list_places
from app.domain.base_facts import BaseFacts, field_uses, unread_parts
from app.domain.crds import crd_declares
from app.domain.declaration_drift import Drift, find_drift
from app.domain.field_uses import FieldUse, field_since
from app.domain.finding import Finding, Level, Rule
from app.domain.manifests import read_manifests
from app.domain.messages import findings as messages
from app.domain.messages.phrases import cluster_phrase
from app.domain.migration import Left, LeftBecause, Migration, Wish
from app.domain.migration_plan import BOM, plan_migration
from app.domain.model import Answer, Gvk, Requirement, SourceFile, Tree
from app.domain.requirements import meets
from app.domain.schema_comments import comments_of_documents
from app.domain.served_versions import Basis, ServedVersions
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class Report:
    """`stated` are lines that say which versions the findings rest on, `files` how many were looked at."""

    findings: tuple[Finding, ...]
    stated: tuple[str, ...]
    files: int

    def count(self, level: Level) -> int:
        return sum(finding.level is level for finding in self.findings)


def find_findings(
    tree: Tree, base: BaseFacts, *, holds: Callable[[str], bool], unreadable: Mapping[str, str]
) -> Report:
    """Everything about the files that `holds` is true of. `unreadable`: path -> why it is not in the tree."""
    looker = _Looker(tree, base, holds)
    for path in sorted(tree):
        if holds(path):
            looker.look_at(tree[path])
    findings = [*looker.findings, *looker.unsure(), *_drifts(base, holds)]
    for path, why in unreadable.items():
        if holds(path):
            findings.append(Finding(Rule.UNREAD, path, 0, messages.unreadable_file_message(why)))
    return Report(
        findings=tuple(sorted(findings, key=lambda one: (one.file, one.line, one.column, one.id, one.message))),
        stated=tuple(looker.stated()),
        files=sum(holds(path) for path in tree) + sum(holds(path) for path in unreadable),
    )


@dataclass
class _Looker:
    tree: Tree
    base: BaseFacts
    holds: Callable[[str], bool]
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._served = ServedVersions(self.base)
        self._bases: dict[tuple[str, str], Basis] = {}
        self._unsure: dict[tuple[Gvk, str, str], list[Place]] = defaultdict(list)
        # What can be moved, and what keeps the rest from it, is what `migrate` itself would say.
        migration = plan_migration(self.tree, self.base, Wish(holds=self.holds))
        self._moves = {(moved.file, moved.line): moved.new for moved in migration.moved}
        self._obstacles = _obstacles_by_file(migration)
        self._lines: list[str] = []

    def look_at(self, file: SourceFile) -> None:
        self._lines = file.text.removeprefix(BOM).split("\n")
        for place in list_places(file, self._lines, is_patch=self.base.scopes.is_patch(file.path)):
            if self._served.provider_of(place.gvk) is not None:
                self._look_at_place(place)
        for use in field_uses(file, self.base):
            self._look_at_field(file, use)
        manifests = read_manifests(file)
        for document, comment in comments_of_documents(manifests):
            if document.gvk is not None and comment.version != document.gvk.version:
                message = messages.stale_schema_message(comment=comment.version, document=document.gvk)
                end = comment.column + len(comment.version)
                self.findings.append(Finding(Rule.STALE_SCHEMA, file.path, comment.line, message, comment.column, end))
        for unread in unread_parts(file, self.base.scopes):
            # `apiVersion: 1` is the format of many a file that is not Kubernetes'.
            if not unread.text.rpartition(":")[2].strip(" \"'").isdecimal():
                self.findings.append(Finding(Rule.UNREAD, file.path, unread.line, messages.unread_message(unread.why)))

    def _look_at_place(self, place: Place) -> None:
        provider = self._served.provider_of(place.gvk)
        assert provider is not None
        bases = self._served.bases(provider, place.path)
        answers = {basis.scope: self._served.answer(place.gvk, basis) for basis in bases}
        self._bases |= {(provider.id, basis.scope): basis for basis in bases}
        refusing = [basis for basis in bases if answers[basis.scope] is Answer.NO]
        if place.assumed:
            if refusing and place.role is Role.OBJECT:
                message = messages.assumed_message(self._unserved(place, refusing), text=place.text)
                self._add(Rule.UNSERVED_REFERENCE, place, message)
            return
        if place.role is not Role.OBJECT:
            # A patch with a target takes the version of what it patches; a chart decides what it renders.
            if refusing and place.role not in {Role.FREE_PATCH, Role.RENDERED}:
                self._add(Rule.UNSERVED_REFERENCE, place, self._unserved(place, refusing))
            return
        if self.base.scopes.is_live(place.path) and not self.base.scopes.is_applied(place.path):
            # It is only asked of a cluster that is set up anew, with whatever versions that starts with.
            return
        if refusing:
            self._add(Rule.UNSERVED_API, place, self._unserved(place, refusing))
            return
        for basis in bases:
            if answers[basis.scope] is Answer.UNKNOWN:
                self._unsure[place.gvk, provider.id, basis.scope].append(place)
        if all(answer is Answer.YES for answer in answers.values()):
            self._look_ahead(place, bases)

    def _look_ahead(self, place: Place, bases: list[Basis]) -> None:
        """It is served now: by an installed controller, and for how long?"""
        for basis in bases:
            component = self._served.missing_component(place.gvk, basis)
            if component is not None:
                phrase, clusters = self._served.phrase(basis), self._served.clusters([basis])
                message = messages.missing_component_message(
                    gvk=place.gvk, component=component, basis=phrase, clusters=clusters
                )
                self._add(Rule.MISSING_COMPONENT, place, message)
                return
        newer, lifetime = self._served.served_newer(place.gvk, place.path), bases[0].provider.lifetime(place.gvk)
        if not newer or lifetime is None:
            return
        name, phrase, advice = bases[0].provider.name, self._served.phrase(bases[0]), self._advice(place, newer[0])
        low = min((b.releases.low for b in bases if b.releases.low is not None), default=None)
        if lifetime.removed is not None and low is not None and _is_next_minor(low, lifetime.removed):
            message = messages.removed_soon_message(
                gvk=place.gvk, name=name, removed=_plain(lifetime.removed), new=newer[0], basis=phrase, advice=advice
            )
            self._add(Rule.REMOVED_SOON, place, message)
        elif lifetime.deprecated is not None and low is not None and low >= lifetime.deprecated:
            message = messages.deprecated_message(
                gvk=place.gvk, name=name, since=_plain(lifetime.deprecated), new=newer[0], basis=phrase, advice=advice
            )
            self._add(Rule.DEPRECATED_API, place, message)

    def _look_at_field(self, file: SourceFile, use: FieldUse) -> None:
        provider = self._served.provider_of(use.gvk)
        since = field_since(self.base.catalogue, use.gvk, use.field)
        if provider is None or since is None:
            return
        lacking = [
            basis
            for basis in self._served.bases(provider, file.path)
            if self._served.answer(use.gvk, basis) is not Answer.NO and self._lacks(use, basis)
        ]
        if lacking:
            message = messages.unknown_field_message(
                gvk=use.gvk,
                field=str(use.field),
                name=provider.name,
                since=_plain(since),
                basis=self._served.phrase(lacking[0]),
                clusters=self._served.clusters(lacking),
            )
            line = self._lines[use.line - 1]
            column = len(line) - len(line.lstrip(" -")) + 1
            self.findings.append(
                Finding(Rule.UNKNOWN_FIELD, file.path, use.line, message, column, len(line.rstrip()) + 1)
            )

    def _lacks(self, use: FieldUse, basis: Basis) -> bool:
        """Whether no release that may run there knows the field, and no CRD in Git declares it."""
        requirement = Requirement(use.gvk, basis.scope, (), use.field)
        if meets(basis.releases, basis.provider.id, requirement, self.base.catalogue) is not Answer.NO:
            return False
        if use.gvk not in self.base.crds.get(basis.scope, frozenset()):
            return True
        files = (file for path, file in self.tree.items() if basis.scope in self.base.scopes.of(path))
        return not any(crd_declares(file, use.gvk, use.field) for file in files)

    def _unserved(self, place: Place, refusing: list[Basis]) -> str:
        newer = self._served.served_newer(place.gvk, place.path)
        advice, named = self._advice(place, newer[0]) if newer else "", place.role is not Role.OBJECT
        return self._served.unserved(place.gvk, refusing, advice, named=named)

    def _advice(self, place: Place, newest: Gvk) -> str:
        new = self._moves.get((place.path, place.line))
        if new is not None:
            return messages.migrate_advice(new)
        first, last = place.lines
        reason = next((one.reason for one in self._obstacles.get(place.path, ()) if first < one.line <= last), "")
        return messages.by_hand_advice(newest, reason)

    def _add(self, rule: Rule, place: Place, message: str) -> None:
        line = self._lines[place.index]
        shown = place.gvk.api_version if place.gvk.api_version in line else place.gvk.version
        column = line.find(shown) + 1
        self.findings.append(
            Finding(rule, place.path, place.line, message, column, column + len(shown) if column else 0)
        )

    def unsure(self) -> Iterator[Finding]:
        """One finding for each API and cluster, at its first use."""
        for (gvk, provider, scope), places in self._unsure.items():
            basis, first = self._bases[provider, scope], places[0]
            lifetime = basis.provider.lifetime(gvk)
            if lifetime is None or lifetime.since is None:
                continue
            message = messages.unknown_version_message(
                gvk=gvk,
                count=len(places),
                since=_plain(lifetime.since),
                removed=_plain(lifetime.removed) if lifetime.removed else "",
                name=basis.provider.name,
                stated=self._served.stated(basis),
            )
            yield Finding(Rule.UNKNOWN_VERSION, first.path, first.line, message)

    def stated(self) -> Iterator[str]:
        """The clusters with the versions that the answers rest on; not those of which nothing was asked."""
        unsure = {(provider, scope) for _, provider, scope in self._unsure}
        bases = ((key, self._bases[key]) for key in sorted(self._bases))
        return (self._served.stated(basis) for key, basis in bases if basis.known or key in unsure)


def _obstacles_by_file(migration: Migration) -> dict[str, list[Left]]:
    found: dict[str, list[Left]] = defaultdict(list)
    for left in migration.left:
        if left.because is not LeftBecause.STALE_COMMENT:
            found[left.file].append(left)
    return found


def _is_next_minor(version: Version, other: Version) -> bool:
    return version < other and (other.major, other.minor) <= (version.major, version.minor + 1)


def _plain(version: Version) -> str:
    return str(version).removeprefix("v")


def _drifts(base: BaseFacts, holds: Callable[[str], bool]) -> Iterable[Finding]:
    return (_drift(base, drift) for drift in find_drift(base) if holds(drift.one.source.file))


def _drift(base: BaseFacts, drift: Drift) -> Finding:
    name, where = base.catalogue.name_of(drift.provider), drift.one.source
    others = [(one.shown, one.source) for one in drift.others]
    if not drift.one.live:
        message = messages.bootstrap_drift_message(name=name, version=drift.one.shown, live=others)
        return Finding(Rule.BOOTSTRAP_DRIFT, where.file, where.line, message)
    clusters = cluster_phrase([drift.scope], only_one=len(base.scopes.clusters) == 1)
    message = messages.declarations_disagree_message(
        name=name, version=drift.one.shown, clusters=clusters, others=others
    )
    return Finding(Rule.DECLARATIONS_DISAGREE, where.file, where.line, message)

"""Move the manifests of a repository to the newest APIs that its clusters serve, and keep every other byte.

Only the version in the line of an `apiVersion` is rewritten, and the version in the schema comment of the same
document. What cannot be moved without a look at it is left and listed with the reason; what Flux or kustomize match by
version moves together with what it names.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.api_order import is_alpha, is_newer_api
from app.domain.api_places import Place, Role, list_places
from app.domain.base_facts import BaseFacts
from app.domain.manifests import read_manifests
from app.domain.messages import migration as messages
from app.domain.migration import COMMENT, Left, LeftBecause, Migration, Moved, Wish
from app.domain.model import Answer, Gvk, Tree
from app.domain.object_text import find_field
from app.domain.schema_comments import SchemaComment, comments_of_documents
from app.domain.served_versions import Basis, ServedVersions
from app.domain.templates import is_templated

BOM = "\ufeff"


def plan_migration(tree: Tree, base: BaseFacts, wish: Wish) -> Migration:
    """What is to be written, and what is left. `base` are the facts of the whole `tree`."""
    return _Planner(tree, base, wish).plan()


@dataclass(frozen=True, slots=True)
class _Settled:
    """An applied object with the API that it has in the end."""

    place: Place
    final: Gvk
    scopes: frozenset[str]


_WORDS = {
    Role.OBJECT: "object",
    Role.FREE_PATCH: "patch",
    Role.PATCH: "patch",
    Role.SELECTOR: "patch",
    Role.REFERENCE: "reference",
}


class _Planner:
    def __init__(self, tree: Tree, base: BaseFacts, wish: Wish) -> None:
        self._tree, self._base, self._wish = tree, base, wish
        self._served = ServedVersions(base, wish.targets)
        self._lines: dict[str, list[str]] = {}
        self._settled: dict[tuple[str, str], list[_Settled]] = defaultdict(list)
        self._new_lines: dict[str, dict[int, str]] = defaultdict(dict)
        self._finals: dict[tuple[str, int], Gvk] = {}
        self._moved: list[Moved] = []
        self._left: list[Left] = []
        self._bases: dict[tuple[str, str], Basis] = {}

    def plan(self) -> Migration:
        others: list[Place] = []
        for path in sorted(self._tree):
            if not self._base.scopes.is_live(path) and not self._wish.holds(path):
                continue
            for place in self._places_of(path):
                if place.role is Role.OBJECT:
                    self._settle(place)
                elif self._wanted(place):
                    others.append(place)
        for place in others:
            self._look_at(place)
        for path in sorted(self._tree):
            if self._wish.holds(path):
                self._look_at_documents(path)
        bases = [self._bases[key] for key in sorted(self._bases)]
        return Migration(
            texts={path: self._text_of(path) for path in sorted(self._new_lines)},
            moved=tuple(sorted(self._moved, key=lambda moved: (moved.file, moved.line))),
            left=tuple(sorted(self._left, key=lambda left: (left.file, left.line))),
            bases=tuple(self._served.stated(basis) for basis in bases),
            warnings=tuple(self._served.target_warnings(bases)),
        )

    def _places_of(self, path: str) -> Iterator[Place]:
        file = self._tree[path]
        if "apiVersion" not in file.text and "group" not in file.text:
            return
        self._lines[path] = file.text.removeprefix(BOM).split("\n")
        for place in list_places(file, self._lines[path], is_patch=self._base.scopes.is_patch(path)):
            if self._served.provider_of(place.gvk) is not None:
                yield place

    def _wanted(self, place: Place) -> bool:
        return self._wish.holds(place.path) and self._wish.wants(place.gvk)

    # --- objects ---

    def _settle(self, place: Place) -> None:
        final = place.gvk
        if self._wanted(place):
            self._note_bases(place)
            final = self._decide(place) or final
            if final != place.gvk:
                self._move(place, final)
        self._settled[final.group, final.kind].append(_Settled(place, final, self._base.scopes.of(place.path)))

    def _decide(self, place: Place) -> Gvk | None:
        """The newest served version that the object can be moved to as it is. Lists what keeps it from a newer one."""
        newer = self._served.served_newer(place.gvk, place.path)
        listed = False
        for new in newer:
            obstacle = self._obstacle(place, new) or self._obstacle_in_fields(place, new)
            if obstacle is None:
                return new
            if not listed:
                self._left.append(obstacle)
                listed = True
        if not newer:
            self._list_unserved(place)
        return None

    def _obstacle(self, place: Place, new: Gvk) -> Left | None:
        if place.assumed:
            return self._as_left(place, LeftBecause.TEMPLATED, messages.templated_reason(place.text))
        if place.sealed:
            return self._as_left(place, LeftBecause.SEALED, messages.sealed_reason(new=new))
        if place.inline or _rewritten(self._lines[place.path][place.index], place.gvk, new) is None:
            return self._as_left(place, LeftBecause.WRITTEN_OTHERWISE, messages.written_otherwise_reason(new=new))
        return None

    def _obstacle_in_fields(self, place: Place, new: Gvk) -> Left | None:
        if is_alpha(place.gvk.version):
            return self._as_left(place, LeftBecause.ALPHA, messages.alpha_reason(old=place.gvk, new=new))
        first, last = place.lines
        gone = self._base.catalogue.lost_fields(place.gvk, new.version)
        lost = find_field(self._lines[place.path][first:last], first + 1, gone)
        if lost is None:
            return None
        reason = messages.lost_field_reason(new=new, field=lost.field)
        return Left(place.path, lost.line, LeftBecause.LOST_FIELD, reason)

    def _list_unserved(self, place: Place) -> None:
        """It cannot be moved: say so if it is not served, or if only the version that runs is not known."""
        provider = self._served.provider_of(place.gvk)
        assert provider is not None
        bases = self._served.bases(provider, place.path)
        refusing = [basis for basis in bases if self._served.answer(place.gvk, basis) is Answer.NO]
        if refusing:
            reason = self._served.unserved(place.gvk, refusing)
            self._left.append(self._as_left(place, LeftBecause.NOT_SERVED, reason))
            return
        for new in self._served.newer(place.gvk):
            answers = [self._served.answer(new, basis) for basis in bases]
            if Answer.NO not in answers and Answer.UNKNOWN in answers:
                unsure = [basis for basis, answer in zip(bases, answers, strict=True) if answer is Answer.UNKNOWN]
                reason = self._served.version_unknown_reason(new, unsure)
                self._left.append(self._as_left(place, LeftBecause.VERSION_UNKNOWN, reason))
                return

    # --- patches, references, and what only looks like them ---

    def _look_at(self, place: Place) -> None:
        match place.role:
            case Role.PATCH | Role.SELECTOR:
                self._look_at_patch(place)
            case Role.FREE_PATCH:
                if (new := self._newest(place)) and not self._hindered(place, new, fields=True):
                    self._move(place, new)
            case Role.REFERENCE:
                if (new := self._newest(place)) and not self._hindered(place, new, fields=False):
                    self._move(place, new)
            case _:
                if new := self._newest(place):
                    self._left.append(self._as_left(place, *_reason_for(place, new)))

    def _newest(self, place: Place) -> Gvk | None:
        return next(iter(self._served.served_newer(place.gvk, place.path)), None)

    def _hindered(self, place: Place, new: Gvk, *, fields: bool) -> bool:
        left = self._obstacle(place, new) or (self._obstacle_in_fields(place, new) if fields else None)
        if left is not None:
            self._left.append(left)
        return left is not None

    def _look_at_patch(self, place: Place) -> None:
        """It goes where the objects go that it is for: those of its name, or all of its kind if none has that name."""
        scopes = self._base.scopes.of(place.path)
        near = [one for one in self._settled[place.gvk.group, place.gvk.kind] if one.scopes & scopes]
        objects = [one for one in near if one.place.name == place.name] or near
        finals = {one.final for one in objects}
        if not objects:
            if new := self._newest(place):
                reason = messages.patched_elsewhere_reason(new=new)
                self._left.append(self._as_left(place, LeftBecause.PATCHED_ELSEWHERE, reason))
            return
        if not any(is_newer_api(final.version, place.gvk.version) for final in finals):
            return
        if len(finals) > 1:
            reason = messages.patched_apart_reason(versions=sorted(final.version for final in finals))
            self._left.append(self._as_left(place, LeftBecause.PATCHED_ELSEWHERE, reason))
        elif not self._hindered(place, next(iter(finals)), fields=place.role is Role.PATCH):
            self._move(place, next(iter(finals)))

    # --- documents: schema comments, and templates that decide the version ---

    def _look_at_documents(self, path: str) -> None:
        manifests = read_manifests(self._tree[path])
        for unread in manifests.unread:
            if is_templated(unread.text) and not self._wish.kinds:
                reason = messages.templated_reason(unread.text)
                self._left.append(Left(path, unread.line, LeftBecause.TEMPLATED, reason))
        for document, comment in comments_of_documents(manifests):
            assert document.gvk is not None
            if self._wish.wants(document.gvk):
                head = next(use for use in manifests.uses if use.line >= document.line and use.gvk == document.gvk)
                final = self._finals.get((path, head.line), document.gvk)
                self._look_at_comment(path, comment, document.gvk, final)

    def _look_at_comment(self, path: str, comment: SchemaComment, was: Gvk, final: Gvk) -> None:
        if comment.version == final.version:
            return
        old = Gvk(final.group, final.kind, comment.version)
        moves = final != was and comment.version == was.version
        if not moves and not self._wish.stale_comments:
            reason = messages.stale_comment_reason(comment=comment.version, document=final)
            self._left.append(Left(path, comment.line, LeftBecause.STALE_COMMENT, reason))
            return
        index = comment.line - 1
        lines = self._lines.setdefault(path, self._tree[path].text.removeprefix(BOM).split("\n"))
        self._new_lines[path][index] = comment.moved(lines[index], final.version)
        self._moved.append(Moved(path, comment.line, COMMENT, old, final))

    # --- the result ---

    def _move(self, place: Place, new: Gvk) -> None:
        line = _rewritten(self._lines[place.path][place.index], place.gvk, new)
        assert line is not None
        self._new_lines[place.path][place.index] = line
        self._finals[place.path, place.line] = new
        self._moved.append(Moved(place.path, place.line, _WORDS[place.role], place.gvk, new))

    def _text_of(self, path: str) -> str:
        text = self._tree[path].text
        lines = list(self._lines[path])
        for index, line in self._new_lines[path].items():
            lines[index] = line
        return (BOM if text.startswith(BOM) else "") + "\n".join(lines)

    def _as_left(self, place: Place, because: LeftBecause, reason: str) -> Left:
        return Left(place.path, place.line, because, reason)

    def _note_bases(self, place: Place) -> None:
        provider = self._served.provider_of(place.gvk)
        assert provider is not None
        for basis in self._served.bases(provider, place.path):
            # Nothing is decided by the version of what has but one API.
            if self._served.newer(place.gvk) or self._served.answer(place.gvk, basis) is not Answer.YES:
                self._bases[provider.id, basis.scope] = basis


def _reason_for(place: Place, new: Gvk) -> tuple[LeftBecause, str]:
    match place.role:
        case Role.RENDERED:
            return LeftBecause.PATCHED_ELSEWHERE, messages.rendered_reason(new=new)
        case Role.SPLIT:
            return LeftBecause.SPLIT, messages.split_reason(new=new)
        case Role.VALUES:
            return LeftBecause.VALUES, messages.values_reason(new=new)
        case Role.TEMPLATE:
            return LeftBecause.TEMPLATE, messages.template_reason(new=new, owner=place.owner)
        case _:
            return LeftBecause.FOREIGN, messages.foreign_reason(new=new, owner=place.owner)


def _rewritten(line: str, old: Gvk, new: Gvk) -> str | None:
    """The line with the new version; None where the old one does not stand there once and in plain text."""
    whole = rf"(?P<before>\bapiVersion[\"']?[ \t]*:[ \t]*[\"']?{re.escape(old.group)}/){old.version}"
    apart = rf"(?P<before>\bversion[\"']?[ \t]*:[ \t]*[\"']?){old.version}"
    for pattern in (whole, apart):
        found = list(re.finditer(pattern + r"(?=[\"'\s,}]|$)", line))
        if len(found) == 1:
            return line[: found[0].end("before")] + new.version + line[found[0].end() :]
    return None

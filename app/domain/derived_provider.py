"""A provider's `kinds`, worked out from the CustomResourceDefinitions of its releases, in the form of our own files.

A version is served from the first release whose CRD serves it to the first later release whose CRD does not. What the
oldest release that was read serves already may be older still, hence `<=`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.domain import messages
from app.domain.catalogue import Confidence, KindFacts, Lifetime, Provider, version_rank
from app.domain.crds import CrdVersion
from app.domain.messages import catalogue as words
from app.domain.model import Gvk
from app.domain.versions import Version


@dataclass(frozen=True, slots=True)
class Release:
    """The versions that the CRDs of one release list."""

    version: Version
    crds: tuple[CrdVersion, ...]


@dataclass(frozen=True, slots=True)
class Derived:
    """`gaps`: the releases between two that serve an API, which do not."""

    kinds: Mapping[tuple[str, str], KindFacts]
    releases: tuple[Version, ...]
    gaps: Mapping[Gvk, tuple[Version, ...]]
    channels: tuple[str, ...] = ()


def derive_kinds(releases: Iterable[Release]) -> Derived:
    """Walk the releases, oldest first."""
    ordered = sorted(releases, key=lambda release: release.version)
    served = [{crd.gvk for crd in release.crds if crd.served} for release in ordered]
    kinds: dict[tuple[str, str], dict[str, Lifetime]] = {}
    gaps: dict[Gvk, tuple[Version, ...]] = {}
    for gvk in sorted(set().union(*served), key=lambda gvk: (gvk.group, gvk.kind, version_rank(gvk.version))):
        having = [index for index, apis in enumerate(served) if gvk in apis]
        first, last = having[0], having[-1]
        without = tuple(ordered[index].version for index in range(first, last) if gvk not in served[index])
        if without:
            gaps[gvk] = without
        kinds.setdefault((gvk.group, gvk.kind), {})[gvk.version] = Lifetime(
            since=ordered[first].version,
            since_or_before=first == 0,
            deprecated=_deprecated(ordered[first : last + 1], gvk),
            removed=ordered[last + 1].version if last + 1 < len(ordered) else None,
            confidence=Confidence.DERIVED,
        )
    read = {kind: KindFacts(versions) for kind, versions in kinds.items()}
    return Derived(read, tuple(release.version for release in ordered), gaps)


def _deprecated(releases: Sequence[Release], gvk: Gvk) -> Version | None:
    return next(
        (
            release.version
            for release in releases
            if any(crd.gvk == gvk and crd.served and crd.deprecated for crd in release.crds)
        ),
        None,
    )


def join_channels(channels: Mapping[str, Derived]) -> Derived:
    """One set of kinds: a version that all channels serve alike is one lifetime, the others one for each channel."""
    kinds: dict[tuple[str, str], dict[str, Lifetime]] = {}
    for channel, derived in channels.items():
        for kind, facts in derived.kinds.items():
            for version, lifetime in facts.versions.items():
                known = kinds.setdefault(kind, {}).get(version, Lifetime(since=None))
                kinds[kind][version] = replace(known, channels={**known.channels, channel: lifetime})
    joined = {
        kind: KindFacts(
            {version: _same(versions[version], len(channels)) for version in sorted(versions, key=version_rank)}
        )
        for kind, versions in sorted(kinds.items())
    }
    releases = sorted({release for derived in channels.values() for release in derived.releases})
    gaps = {gvk: versions for derived in channels.values() for gvk, versions in derived.gaps.items()}
    return Derived(joined, tuple(releases), gaps, tuple(channels))


def _same(lifetime: Lifetime, channels: int) -> Lifetime:
    every = list(lifetime.channels.values())
    return every[0] if len(every) == channels and all(one == every[0] for one in every) else lifetime


def derived_to_yaml(derived: Derived, *, id_: str, known: Provider | None, source: str, paths: Sequence[str]) -> str:
    """The provider in the form of our own files; `known` is ours of the same id, whose name and names are kept."""
    first, last = derived.releases[0], derived.releases[-1]
    comment = words.derived_comment(
        paths=messages.listed(list(paths)), first=_bare(first), last=_bare(last), number=len(derived.releases)
    )
    lines = [
        f"# {comment}",
        f"provider: {id_}",
        f"name: {known.name if known else id_}",
        f"source: {source}",
        "confidence: derived",
        f'first: "{first.major}.{first.minor}"',
        f'last: "{last.major}.{last.minor}"',
        f"newest: {_bare(last)}",
        "complete: true",
    ]
    if derived.channels:
        lines.append("channels:")
        for name in derived.channels:
            words_of = known.channels.get(name, (name,)) if known else (name,)
            lines.append(f"  {name}: [{', '.join(json.dumps(word) for word in words_of)}]")
    lines += ["", "kinds:", *_kind_lines(derived, known)]
    return "\n".join(lines) + "\n"


def _kind_lines(derived: Derived, known: Provider | None) -> Iterator[str]:
    for (group, kind), facts in sorted(derived.kinds.items()):
        yield f"  {group}/{kind}:"
        ours = known.kinds.get((group, kind)) if known else None
        if ours is not None and ours.component:
            yield f"    component: {ours.component}"
        yield "    versions:"
        for version, lifetime in facts.versions.items():
            if not lifetime.channels:
                yield f"      {version}: {{{_keys(lifetime)}}}"
                continue
            yield f"      {version}:"
            yield "        channels:"
            for channel, one in lifetime.channels.items():
                yield f"          {channel}: {{{_keys(one)}}}"


def _keys(lifetime: Lifetime) -> str:
    assert lifetime.since is not None
    since = _bare(lifetime.since)
    told = [f'since: "<={since}"' if lifetime.since_or_before else f"since: {since}"]
    if lifetime.deprecated is not None:
        told.append(f"deprecated: {_bare(lifetime.deprecated)}")
    if lifetime.removed is not None:
        told.append(f"removed: {_bare(lifetime.removed)}")
    return ", ".join(told)


def _bare(version: Version) -> str:
    return str(version).removeprefix("v")


def list_differences(derived: Derived, known: Provider) -> tuple[str, ...]:
    """What was read and the catalogue says otherwise, as sentences. Names that only the catalogue can know are left."""
    told = []
    read = _apis(derived.kinds)
    ours = _apis(known.kinds)
    for gvk, lifetime in read.items():
        if gvk not in ours:
            told.append(words.new_api_difference(api=str(gvk), now=_told(lifetime)))
        elif not _agree(lifetime, ours[gvk], derived.releases[0]):
            told.append(words.changed_api_difference(api=str(gvk), now=_told(lifetime), before=_told(ours[gvk])))
    told += [
        words.missing_api_difference(api=str(gvk))
        for gvk, lifetime in ours.items()
        if gvk not in read and (lifetime.removed is None or lifetime.removed > derived.releases[0])
    ]
    told += [
        words.served_again_difference(api=str(gvk), without=tuple(map(_bare, without)))
        for gvk, without in derived.gaps.items()
    ]
    return tuple(told)


def _agree(read: Lifetime, known: Lifetime, first: Version) -> bool:
    """Whether what was read fits what is known. Nothing is seen of the time before `first`, the first release read."""
    if read.channels or known.channels:
        return read.channels.keys() == known.channels.keys() and all(
            _agree(one, known.channels[name], first) for name, one in read.channels.items()
        )
    return (
        _from_agrees(read.since, known.since, first)
        and (known.since is None or known.since <= first or not known.since_or_before)
        and _from_agrees(read.deprecated, known.deprecated, first)
        and read.removed == known.removed
    )


def _from_agrees(read: Version | None, known: Version | None, first: Version) -> bool:
    """Equal, or both at the first release that was read or before it."""
    return read == known or (read is not None and known is not None and max(read, known) <= first)


def _apis(kinds: Mapping[tuple[str, str], KindFacts]) -> dict[Gvk, Lifetime]:
    return {
        Gvk(group, kind, version): lifetime
        for (group, kind), facts in kinds.items()
        for version, lifetime in facts.versions.items()
    }


def _told(lifetime: Lifetime) -> str:
    """What can be read from CRDs, in words."""
    if lifetime.channels:
        return "; ".join(f"{name} {_told(one)}" for name, one in sorted(lifetime.channels.items()))
    bare = Lifetime(
        since=_plain(lifetime.since),
        since_or_before=lifetime.since_or_before,
        deprecated=_plain(lifetime.deprecated),
        removed=_plain(lifetime.removed),
    )
    return words.lifetime_phrase(bare)


def _plain(version: Version | None) -> Version | None:
    return Version.parse(_bare(version)) if version else None

"""CustomResourceDefinitions in Git: what they serve is known from themselves, better than from any catalogue."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.manifests import read_manifests
from app.domain.memo import BlobMemo
from app.domain.model import Field, Gvk, SourceFile

_GROUP = re.compile(r"^  group:[ \t]*[\"']?([a-z0-9.-]+)", re.MULTILINE)
_KIND = re.compile(r"^  names:[ \t\r]*\n(?:    .*\n)*?    kind:[ \t]*[\"']?(\w+)", re.MULTILINE)
_FIRST_ITEM = re.compile(r"^([ \t]*)- ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CrdVersion:
    """One version of a CustomResourceDefinition, served or only kept for what is stored."""

    gvk: Gvk
    served: bool
    deprecated: bool


def _parse_versions(file: SourceFile) -> tuple[CrdVersion, ...]:
    if "CustomResourceDefinition" not in file.text:
        return ()
    return tuple(
        version
        for document in read_manifests(file).documents
        if document.gvk is not None and document.gvk.kind == "CustomResourceDefinition"
        for version in _versions(document.text)
    )


def _versions(text: str) -> Iterator[CrdVersion]:
    """A generated CRD has one layout: `versions` last, and the keys of each version before and after its schema."""
    group, kind = _GROUP.search(text), _KIND.search(text)
    versions = text.find("\n  versions:")
    first = _FIRST_ITEM.search(text, versions) if versions >= 0 else None
    if group is None or kind is None or first is None:
        return
    indent = first.group(1)
    key_of_version = re.compile(rf"^{indent}(- |  )(\w+):[ \t]*[\"']?(\w*)", re.MULTILINE)
    told: dict[str, str] = {}
    for match in key_of_version.finditer(text, versions):
        dash, key, value = match.groups()
        if dash == "- ":
            yield from _version(group.group(1), kind.group(1), told)
            told = {}
        told[key] = value
    yield from _version(group.group(1), kind.group(1), told)


def _version(group: str, kind: str, told: dict[str, str]) -> Iterator[CrdVersion]:
    if name := told.get("name"):
        yield CrdVersion(Gvk(group, kind, name), told.get("served") == "true", told.get("deprecated") == "true")


def _served(file: SourceFile) -> frozenset[Gvk]:
    return frozenset(version.gvk for version in _parse_versions(file) if version.served)


read_crd_versions = BlobMemo(_parse_versions)
"""Every version that the CRDs of a file list, remembered by its blob id."""

served_by_crds = BlobMemo(_served)
"""The APIs that the CRDs of a file serve, remembered by its blob id."""


def crd_declares(file: SourceFile, gvk: Gvk, field: Field) -> bool:
    """Whether a CRD of the file serves this version, and its schema names the field; by words, not by their nesting."""
    if gvk not in served_by_crds(file):
        return False
    keys = [key.removesuffix("[]") for key in field.path.split(".")]
    for document in read_manifests(file).documents:
        group, kind = _GROUP.search(document.text), _KIND.search(document.text)
        if group is None or kind is None or (group.group(1), kind.group(1)) != (gvk.group, gvk.kind):
            continue
        schema = _schema_of(document.text, gvk.version)
        named = all(re.search(rf"^[ \t]+{re.escape(key)}:[ \t\r]*$", schema, re.MULTILINE) for key in keys)
        value = field.value is None or re.search(rf"^[ \t]+- {re.escape(field.value)}[ \t\r]*$", schema, re.MULTILINE)
        if named and value:
            return True
    return False


def _schema_of(text: str, version: str) -> str:
    """The part of a CRD that is about one version: a version's keys are sorted, so its name stands before its schema,
    and what stands above the name is little."""
    start = re.search(rf"^[ \t]+(?:- )?name:[ \t]*[\"']?{re.escape(version)}[\"']?[ \t\r]*$", text, re.MULTILINE)
    if start is None:
        return ""
    end = re.compile(r"^[ \t]+(?:- )?name:[ \t]*[\"']?v\d\w*[\"']?[ \t\r]*$", re.MULTILINE).search(text, start.end())
    return text[start.end() : end.start() if end else len(text)]


def crd_name(gvk: Gvk) -> str:
    """`imagepolicies.image.toolkit.fluxcd.io`: the plural as the Kubernetes code generators make it."""
    kind = gvk.kind.lower()
    if kind.endswith("y"):
        plural = f"{kind[:-1]}ies"
    elif kind.endswith(("s", "x", "ch", "sh")):
        plural = f"{kind}es"
    else:
        plural = f"{kind}s"
    return f"{plural}.{gvk.group}"

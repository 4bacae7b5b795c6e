"""Which Kubernetes APIs a file uses, read so that nothing makes it fail.

Files of Flux repositories are often no plain YAML: templates (`.j2`, `${VAR}`, Go), SOPS files, fragments, patches. So
the reader goes by lines and indentation. It tells apart what an `apiVersion` is there for: only a document of its own
(and a ResourceSet's resources) is applied, and so can be refused by a cluster that does not serve the API. What it
could not read it lists.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.domain.memo import BlobMemo, suffix_of
from app.domain.model import Gvk
from app.domain.nested import Mention, list_mentions
from app.domain.templates import is_templated, with_defaults
from app.domain.yamltree import UnreadableYaml, YamlDocument, load_documents


class UseForm(StrEnum):
    """What an `apiVersion` is there for."""

    DOCUMENT = "document"
    REFERENCE = "reference"
    PATCH = "patch"
    VALUES = "values"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Use:
    """One API named in a file. `line` and `text` are the line of the apiVersion; `applied`: a cluster must serve it.

    `assumed`: only the default of a template's variable says so (`${API:=v1}`), which somebody may have set elsewhere.
    """

    gvk: Gvk
    form: UseForm
    line: int
    text: str
    name: str = ""
    namespace: str = ""
    applied: bool = False
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document. `gvk` is None for what is no Kubernetes object, such as a Helm values file.

    `line` is the file's line at which `text` starts.
    """

    gvk: Gvk | None
    name: str
    namespace: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Unread:
    line: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Manifests:
    documents: tuple[Document, ...]
    uses: tuple[Use, ...]
    unread: tuple[Unread, ...] = ()

    @property
    def applied(self) -> Iterator[Use]:
        """What a cluster must serve, and surely so."""
        return (use for use in self.uses if use.applied and not use.assumed)

    @property
    def assumed(self) -> Iterator[Use]:
        return (use for use in self.uses if use.applied and use.assumed)


EMPTY = Manifests((), ())
YAML_SUFFIXES = (".yaml", ".yml", ".json")

_SEPARATOR = re.compile(r"^---(?:[ \t].*)?\r?$", re.MULTILINE)
_TOP_KEY = re.compile(r"""^["']?(apiVersion|kind|metadata)["']?[ \t]*:[ \t]*(.*?)[ \t\r]*$""", re.MULTILINE)
_METADATA_KEY = re.compile(r"""^[ \t]+["']?(name|namespace)["']?[ \t]*:[ \t]*(.*?)[ \t\r]*$""")
_FLOW_KEY = re.compile(r"""["']?(apiVersion|kind|name|namespace)["']?\s*:\s*["']?([^\s"',{}]+)""")
_HAS_MENTIONS = re.compile(r"^[ \t-]+[\"']?(?:apiVersion|group)[\"']?[ \t]*:", re.MULTILINE)
_ANCHOR = re.compile(r"&([\w-]+)[ \t]+")
_ANCHORED = re.compile(r"&([\w-]+)[ \t]+([^\s#]+)")
_API_VERSION = re.compile(r"^(?:(?P<group>[a-z0-9][a-z0-9.-]*)/)?(?P<version>v\d+(?:(?:alpha|beta)\d+)?)$")
_LONGEST_SHOWN = 200
_KIND = re.compile(r"^[A-Z][A-Za-z0-9]*$")
_JINJA = ("{{", "{%", "{#")


def parse_manifests(text: str) -> Manifests:
    """Read the text of a YAML or JSON file. Never fails."""
    text = text.removeprefix("﻿")
    documents: list[Document] = []
    uses: list[Use] = []
    unread: list[Unread] = []
    for line, part in _split(text):
        document, found, problem = _read_head(part, line)
        documents.append(document)
        if problem is not None:
            unread.append(problem)
        uses.extend(found)
        if document.gvk is not None and document.gvk.kind == "CustomResourceDefinition":
            continue
        if _HAS_MENTIONS.search(part):
            _read_nested(document, uses, unread)
    return Manifests(tuple(documents), tuple(uses), tuple(unread))


read_manifests = BlobMemo(
    lambda file: parse_manifests(file.text) if suffix_of(file.path).endswith(YAML_SUFFIXES) else EMPTY,
)
"""`parse_manifests` of a SourceFile, remembered by its blob id; empty for what is neither YAML nor JSON."""


def _split(text: str) -> Iterator[tuple[int, str]]:
    """The documents with anything in them, each with the line at which it starts."""
    start, line = 0, 1
    for separator in [*_SEPARATOR.finditer(text), None]:
        end = separator.start() if separator else len(text)
        part = text[start:end]
        if part.strip():
            yield line, part
        if separator is not None:
            line += text.count("\n", start, separator.end())
            # The separator's own line stays outside; its newline opens the next part.
            start = separator.end()


_Head = tuple[Document, list[Use], Unread | None]


def _read_head(part: str, first_line: int) -> _Head:
    start = part.lstrip()[:2]
    if start[:1] in {"{", "["} and start not in _JINJA:
        return _read_flow(part, first_line)
    found: dict[str, re.Match[str]] = {}
    for match in _TOP_KEY.finditer(part):
        found.setdefault(match.group(1), match)
    anchors = _anchors_of(part)
    name, namespace = _read_metadata(part, found["metadata"], anchors) if "metadata" in found else ("", "")
    document = Document(None, name, namespace, first_line, part)
    if "apiVersion" not in found:
        return document, [], None
    at = found["apiVersion"]
    line, shown = first_line + part.count("\n", 0, at.start()), at.group(0).strip()
    kind = scalar(found["kind"].group(2), anchors) if "kind" in found else ""
    return _decide_head(document, scalar(at.group(2), anchors), kind, line=line, shown=shown)


def _read_flow(part: str, first_line: int) -> _Head:
    """JSON, or YAML in flow style: here order and indentation say nothing, so it has to be parsed."""
    document = Document(None, "", "", first_line, part)
    if "apiVersion" not in part:
        return document, [], None
    try:
        trees = load_documents(part, first_line=first_line)
    except UnreadableYaml as error:
        return document, [], Unread(error.line, "", error.problem)
    head: _Head = document, [], None
    for tree in trees[:1]:
        head = _decide_flow(tree, (), document)
        for index in range(tree.length("items") if (tree.text("kind") or "").endswith("List") else 0):
            head[1].extend(_decide_flow(tree, ("items", index), document)[1])
    return head


def _decide_flow(tree: YamlDocument, at: tuple[str | int, ...], document: Document) -> _Head:
    api_version = tree.text(*at, "apiVersion")
    name, namespace = (tree.text(*at, "metadata", key) or "" for key in ("name", "namespace"))
    document = Document(None, name, namespace, document.line, document.text)
    if api_version is None:
        return document, [], None
    line = tree.line_of(*at, "apiVersion")
    shown = document.text.split("\n")[line - document.line].strip()[:_LONGEST_SHOWN]
    return _decide_head(document, api_version, tree.text(*at, "kind") or "", line=line, shown=shown)


def _decide_head(document: Document, api_version: str, kind: str, *, line: int, shown: str) -> _Head:
    gvk = gvk_of(api_version, kind)
    assumed = gvk is None and (gvk := _assumed_gvk(api_version, kind)) is not None
    if gvk is not None:
        document = Document(gvk, document.name, document.namespace, document.line, document.text)
        use = Use(gvk, UseForm.DOCUMENT, line, shown, document.name, document.namespace, applied=True, assumed=assumed)
        return document, [use], None
    if not kind and "/" not in api_version:
        # Chart.yaml, and many files that are not Kubernetes', have an apiVersion and no kind.
        return document, [], None
    return document, [], Unread(line, shown, _why_unread(api_version, kind))


def _why_unread(api_version: str, kind: str) -> str:
    if is_templated(api_version) or is_templated(kind):
        return "a template decides the API"
    if api_version.startswith("ENC["):
        return "the API is encrypted"
    return "there is no kind" if not kind else "this is no API version"


def _assumed_gvk(api_version: str, kind: str) -> Gvk | None:
    """The API that the defaults of a template's variables name."""
    if "${" not in api_version and "${" not in kind:
        return None
    return gvk_of(with_defaults(api_version) or api_version, with_defaults(kind) or kind)


def _read_metadata(part: str, at: re.Match[str], anchors: Mapping[str, str]) -> tuple[str, str]:
    inline = at.group(2)
    found: dict[str, str] = {}
    if inline.startswith("{"):
        for match in _FLOW_KEY.finditer(inline):
            found.setdefault(match.group(1), match.group(2))
        return found.get("name", ""), found.get("namespace", "")
    indent = ""
    for line in part[at.end() + 1 :].split("\n"):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            break
        indent = indent or line[: len(line) - len(line.lstrip())]
        entry = _METADATA_KEY.match(line)
        if entry and line.startswith(indent) and not line[len(indent)].isspace():
            found.setdefault(entry.group(1), scalar(entry.group(2), anchors))
    return found.get("name", ""), found.get("namespace", "")


def _anchors_of(document: str) -> Mapping[str, str]:
    """The scalars that a document names by anchors; of two with one name the first."""
    anchors: dict[str, str] = {}
    if "*" in document:
        for match in _ANCHORED.finditer(document):
            anchors.setdefault(match.group(1), scalar(match.group(2)))
    return anchors


def scalar(raw: str, anchors: Mapping[str, str] = MappingProxyType({})) -> str:
    """A plain or quoted YAML scalar without its quotes, comment and anchor; an alias is looked up in `anchors`."""
    raw = _ANCHOR.sub("", raw.strip(), count=1) if raw.startswith("&") else raw.strip()
    if raw[:1] in {'"', "'"}:
        end = raw.find(raw[0], 1)
        return raw[1:end] if end > 0 else raw[1:]
    raw = re.split(r"[ \t]#", raw, maxsplit=1)[0].strip()
    return anchors.get(raw[1:], raw) if raw.startswith("*") else raw


def gvk_of(api_version: str, kind: str) -> Gvk | None:
    """None where the two name no API."""
    match = _API_VERSION.match(api_version)
    if match is None or not _KIND.match(kind):
        return None
    return Gvk(match.group("group") or "", kind, match.group("version"))


_PATCH_KEYS = frozenset({"patch", "patches", "patchesStrategicMerge", "patchesJson6902", "postRenderers", "target"})
_VALUES_KEYS = frozenset({"values", "valuesContent", "valuesInline", "valuesObject"})
_TEMPLATE_KEYS = frozenset({"generate", "manifest", "manifests", "template", "objectTemplate", "base"})
_RESOURCE_SET = frozenset({("spec", "resources"), ("spec", "resourcesTemplate")})


def _read_nested(document: Document, uses: list[Use], unread: list[Unread]) -> None:
    """What is named below the top: put into `uses`, and into `unread` where it is applied and cannot be read."""
    anchors = _anchors_of(document.text)
    for mention in list_mentions(document.text, document.line):
        api_version, kind = scalar(mention.api_version, anchors), scalar(mention.kind, anchors)
        form, applied = _form_of(document, mention)
        gvk = gvk_of(api_version, kind)
        assumed = gvk is None and (gvk := _assumed_gvk(api_version, kind)) is not None
        if gvk is not None:
            name, namespace = scalar(mention.name, anchors), scalar(mention.namespace, anchors)
            uses.append(Use(gvk, form, mention.line, mention.text, name, namespace, applied, assumed))
        elif applied:
            unread.append(Unread(mention.line, mention.text, _why_unread(api_version, kind)))


def _form_of(document: Document, mention: Mention) -> tuple[UseForm, bool]:
    """What a mention below the top of a document is there for, and whether it gets applied."""
    kind = document.gvk.kind if document.gvk else ""
    path = mention.path
    if kind.endswith("List") and path == ("items",):
        return UseForm.DOCUMENT, True
    if kind == "ResourceSet" and path in _RESOURCE_SET:
        return UseForm.TEMPLATE, True
    if _PATCH_KEYS.intersection(path):
        return UseForm.PATCH, False
    if _VALUES_KEYS.intersection(path) or (kind == "ConfigMap" and path[:1] == ("data",)) or not kind:
        return UseForm.VALUES, False
    if kind == "ResourceSet" and path[:2] in _RESOURCE_SET:
        return UseForm.REFERENCE, False
    if mention.in_block or _TEMPLATE_KEYS.intersection(path):
        return UseForm.TEMPLATE, False
    return UseForm.REFERENCE, False

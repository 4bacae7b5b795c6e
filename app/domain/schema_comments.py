"""The comments that tell an editor the schema of a document: `# yaml-language-server: $schema=URL`.

The URLs of the usual hosts end in the kind and the API version, in two shapes: `{group}/{kind}_{version}.json` (the
catalogues of CRDs; `core` for the group that has no name) and `{kind}-{first label of the group}-{version}.json`
(fluxcd-community/flux2-schemas, kubernetes-json-schema; with `.schema.json` in bjw-s' app-template). All in lower case.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.manifests import Document, Manifests
from app.domain.model import Gvk

_COMMENT = re.compile(r"^[ \t]*#+[ \t]*(?:yaml-language-server[ \t]*:[ \t]*)?\$schema[ \t]*[=:][ \t]*(?P<url>\S+)")
_URL = re.compile(
    r"(?:^|(?P<folder>[^/?#]*)/)(?P<name>[^/?#]+?)(?P<mark>[_-])(?P<version>v\d+(?:(?:alpha|beta)\d+)?)"
    r"(?:\.schema)?\.json(?:[?#].*)?$"
)


@dataclass(frozen=True, slots=True)
class SchemaComment:
    """A schema comment whose URL names an API version. `column` is where the version starts, 1-based."""

    line: int
    column: int
    url: str
    version: str
    _folder: str
    _name: str
    _mark: str

    def is_for(self, gvk: Gvk) -> bool:
        """Whether it is about this kind, in whatever version."""
        kind = gvk.kind.lower()
        if self._mark == "_":
            return self._name == kind and self._folder == (gvk.group or "core")
        return self._name == (f"{kind}-{gvk.group.partition('.')[0]}" if gvk.group else kind)

    def moved(self, line: str, version: str) -> str:
        """The comment's line with another version in the URL, and every other character as it is."""
        start = self.column - 1
        return line[:start] + version + line[start + len(self.version) :]


def list_schema_comments(text: str, first_line: int = 1) -> Iterator[SchemaComment]:
    """The schema comments of a document's text that name an API version."""
    if "$schema" not in text:
        return
    for number, line in enumerate(text.split("\n"), first_line):
        comment = _COMMENT.match(line)
        url = _URL.search(comment["url"]) if comment else None
        if comment and url:
            yield SchemaComment(
                line=number,
                column=comment.start("url") + url.start("version") + 1,
                url=comment["url"],
                version=url["version"],
                _folder=url["folder"] or "",
                _name=url["name"],
                _mark=url["mark"],
            )


def comments_of_documents(manifests: Manifests) -> Iterator[tuple[Document, SchemaComment]]:
    """Each schema comment of a Kubernetes object, with its document.

    A file may start with the comment and have the `---` of the document after it; then it belongs to that document.
    """
    waiting: list[SchemaComment] = []
    for document in manifests.documents:
        waiting += list_schema_comments(document.text, document.line)
        if document.gvk is not None:
            yield from ((document, comment) for comment in waiting if comment.is_for(document.gvk))
        elif _is_only_comments(document):
            continue
        waiting = []


def _is_only_comments(document: Document) -> bool:
    return all(not line.strip() or line.lstrip().startswith("#") for line in document.text.split("\n"))

"""Which Talos or Kubernetes the nodes run, as the objects of upgrade controllers and as plain lines say it."""

from collections.abc import Iterator

from app.domain.catalogue import KUBERNETES, TALOS
from app.domain.marks import MarkKind, VersionMark, evidence
from app.domain.model import Evidence
from app.domain.node_lines import read_node_lines
from app.domain.yamltree import YamlDocument

NODES = "Talos configuration"
"""The form of what `node_lines` finds."""

# tuppr's custom resources (https://github.com/home-operations/tuppr).
_UPGRADES = {"TalosUpgrade": (TALOS, "talos"), "KubernetesUpgrade": (KUBERNETES, "kubernetes")}
UPGRADE_KINDS = frozenset({"Plan", *_UPGRADES})


def upgrade_marks(text: str, tree: YamlDocument, kind: str) -> Iterator[VersionMark]:
    yield from _plan(text, tree) if kind == "Plan" else _tuppr(text, tree, kind)


def _tuppr(text: str, tree: YamlDocument, kind: str) -> Iterator[VersionMark]:
    provider, key = _UPGRADES[kind]
    if version := tree.text("spec", key, "version"):
        source = evidence(text, tree.line_of("spec", key, "version"))
        yield VersionMark(MarkKind.PROVIDER, provider, version, source, kind)


def _plan(text: str, tree: YamlDocument) -> Iterator[VersionMark]:
    """A Plan of the system-upgrade-controller: its image and arguments tell what it upgrades, not its version."""
    version, image = tree.text("spec", "version"), tree.text("spec", "upgrade", "image") or ""
    if version is None or not tree.text("apiVersion") or not str(tree.text("apiVersion")).startswith("upgrade.cattle."):
        return
    words = [word for key in ("args", "command") for word, _ in tree.texts("spec", "upgrade", key)]
    if "k3s-upgrade" in image or "rke2-upgrade" in image or any("upgrade-k8s" in word for word in words):
        provider = KUBERNETES
    elif "talosctl" in image or "installer" in image or any(word == "upgrade" for word in words):
        provider = TALOS
    else:
        return
    yield VersionMark(MarkKind.PROVIDER, provider, version, evidence(text, tree.line_of("spec", "version")), "Plan")


def node_marks(text: str) -> Iterator[VersionMark]:
    for found in read_node_lines(text):
        source = Evidence("", found.line, found.text)
        yield VersionMark(MarkKind.PROVIDER, found.provider, found.version, source, NODES)

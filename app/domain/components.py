"""What a change touches when it is merged: tooling, Flux itself, the cluster's infrastructure, or an application.

Each update is judged by itself, the strongest sign first: a migrated API, the file (a tool's file touches no
cluster), the name of the upstream, words in that name, the folder. A pull request is then the weightiest of its
updates.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain import component_names as names
from app.domain.file_roles import Folder, folder_of, is_node_path, is_prose, is_tooling_path
from app.domain.model import Component, Update
from app.domain.moves import Move
from app.domain.renovate_table import TableRow
from app.domain.updates import bare_version, short_name


@dataclass(frozen=True, slots=True)
class Verdict:
    """`confidence` is 0 to 1."""

    component: Component
    confidence: float
    reason: str


_API_VERSION = re.compile(r"^(?P<group>[a-z0-9.-]*\.?[a-z0-9-]+)/v\d+(?:(?:alpha|beta)\d+)?$")
_FLUX_GROUPS = (".toolkit.fluxcd.io", ".controlplane.io")
_TOOL_PREFIXES = re.compile(r"^(?:aqua|asdf|cargo|core|gem|github|go|npm|pipx|spm|ubi|vfox|dotnet|http):")
_TOOL_TYPES = frozenset(
    {
        "action",
        "tools",
        "repository",
        "devdependencies",
        "dependencies",
        "uses-with",
        "engines",
        "packagemanager",
        "require",
    }
)
_NODE_TYPES = frozenset({"required_provider", "provider", "module", "galaxy-collection", "galaxy-role"})
_NODE_MANAGERS = frozenset({"terraform", "ansible-galaxy"})
_TOOL_MANAGERS = frozenset({"github-actions", "pre-commit", "mise", "asdf", "renovate-config-presets"})
_INFRASTRUCTURE_WORDS = re.compile(
    r"(?:^|[-_])(?:operators?|controllers?|csi|crds?|exporters?|webhooks?|device-plugins?|provisioner|autoscaler|ingress"
    r"|gateway|cni|csr-approver|snapshotter|scheduler|daemon|agent-injector|issuers?|kube|kubelet|etcd|runners?)(?:$|[-_])"
)
_WEIGHT = (Component.FLUX_CORE, Component.INFRASTRUCTURE, Component.APPLICATION, Component.TOOLING)


def judge(
    updates: Sequence[Update],
    moves: Sequence[Move],
    files: Sequence[str],
    rows: Sequence[TableRow],
    labels: frozenset[str],
) -> Verdict:
    """The component of a pull request. `files` are all its paths; `rows` and `labels` help where there are none."""
    live = [path for path in files if not is_prose(path)] or list(files)
    if live and all(is_tooling_path(path) for path in live):
        return Verdict(Component.TOOLING, 0.97, f"only tools and CI read {_listed(live)}")
    types = {row.package: row.type.casefold() for row in rows if row.package}
    moved = _files_by_update(moves)
    verdicts: list[Verdict] = []
    for update in updates:
        version = bare_version(update.to)
        files_of = [*moved.get((short_name(update.name), version), ()), *moved.get((None, version), ())] or live
        verdicts.append(_judge_update(update, list(dict.fromkeys(files_of)), types.get(update.name, ""), labels))
    if not verdicts:
        return _judge_files(live)
    return weightiest_verdict(verdicts)


def weightiest_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """The one that counts for a pull request of several updates."""
    for component in _WEIGHT:
        matching = [verdict for verdict in verdicts if verdict.component is component]
        if matching:
            return max(matching, key=lambda verdict: verdict.confidence)
    return verdicts[0]


def _files_by_update(moves: Sequence[Move]) -> Mapping[tuple[str | None, str], list[str]]:
    """Short name (None where the diff does not tell it) and new version -> the files where it moves."""
    files: defaultdict[tuple[str | None, str], list[str]] = defaultdict(list)
    for move in moves:
        if not is_prose(move.file):
            files[(short_name(move.name) if move.name else None, bare_version(move.to))].append(move.file)
    return files


def _judge_update(update: Update, files: Sequence[str], type_: str, labels: frozenset[str]) -> Verdict:
    for verdict in (
        _by_api(update),
        _by_tool_file(update, files, type_, labels),
        _by_name(update.name, in_cluster=bool(files)),
        _by_node_file(files, update.manager or "", type_),
        _by_words(update.name),
        _by_folder(files),
    ):
        if verdict is not None:
            return verdict
    return _by_default(update, files, known_to_renovate=bool(type_) or bool(update.from_))


def _by_api(update: Update) -> Verdict | None:
    match = _API_VERSION.match(update.to or "")
    if match is None or not _API_VERSION.match(update.from_ or ""):
        return None
    group = match.group("group")
    if f".{group}".endswith(_FLUX_GROUPS):
        return Verdict(Component.FLUX_CORE, 0.97, f"{update.name} is Flux's own API ({group})")
    return Verdict(Component.INFRASTRUCTURE, 0.9, f"{update.name} is an API of the cluster ({group})")


def _by_tool_file(update: Update, files: Sequence[str], type_: str, labels: frozenset[str]) -> Verdict | None:
    if files and all(is_tooling_path(path) for path in files):
        return Verdict(Component.TOOLING, 0.95, f"only tools and CI read {_listed(files)}")
    if update.manager in _TOOL_MANAGERS or _TOOL_PREFIXES.match(update.name):
        return Verdict(Component.TOOLING, 0.9, f"{update.name} is a tool of {update.manager or 'mise'}")
    if not files and type_ in _TOOL_TYPES:
        return Verdict(Component.TOOLING, 0.9, f'Renovate calls {update.name} "{type_}"')
    if not files and labels & {"renovate/github-action", "renovate/github-actions", "github-actions", "github_actions"}:
        return Verdict(Component.TOOLING, 0.85, "the labels say GitHub Action")
    return None


def _by_name(name: str, *, in_cluster: bool) -> Verdict | None:
    parts = name.casefold().split("/")
    last = short_name(name)
    if last in names.FLUX_UNAMBIGUOUS or (last in names.FLUX and names.FLUX_OWNERS & set(parts)):
        return Verdict(Component.FLUX_CORE, 0.95, f"{name} serves Flux")
    if names.FLUX_OWNERS & set(parts) and last not in names.TOOLS:
        return Verdict(Component.FLUX_CORE, 0.85, f"{name} is one of Flux's own")
    if names.FLUX_OWNERS & set(parts):
        return Verdict(Component.TOOLING, 0.85, f"{name} is a tool of Flux and upgrades no cluster")
    if (last in names.TOOLS and not in_cluster) or "renovatebot" in parts:
        return Verdict(Component.TOOLING, 0.75, f"{name} is a tool")
    if last in names.APPLICATIONS:
        return Verdict(Component.APPLICATION, 0.9, f"{name} is an application")
    if last in names.INFRASTRUCTURE or (last in _GENERIC and names.INFRASTRUCTURE & set(parts)):
        return Verdict(Component.INFRASTRUCTURE, 0.9, f"{name} is infrastructure")
    if names.INFRASTRUCTURE & set(_owners(parts)):
        return Verdict(Component.INFRASTRUCTURE, 0.8, f"{name} belongs to infrastructure")
    return None


_GENERIC = frozenset({"chart", "charts", "helm", "operator", "controller", "server", "agent", "manifests"})


def _owners(parts: Sequence[str]) -> list[str]:
    """The owner of `ghcr.io/cilium/hubble-ui`: the folders between the registry and the last name."""
    return [part for part in parts[:-1] if "." not in part and part not in names.APPLICATIONS]


def _by_node_file(files: Sequence[str], manager: str = "", type_: str = "") -> Verdict | None:
    if type_ in _NODE_TYPES or manager in _NODE_MANAGERS:
        return Verdict(Component.INFRASTRUCTURE, 0.6, f"it belongs to {type_ or manager}")
    if files and all(is_node_path(path) for path in files):
        return Verdict(Component.INFRASTRUCTURE, 0.75, f"{_listed(files)} configures what the cluster runs on")
    return None


def _by_words(name: str) -> Verdict | None:
    match = _INFRASTRUCTURE_WORDS.search(short_name(name))
    if match is None:
        return None
    return Verdict(Component.INFRASTRUCTURE, 0.75, f'"{match.group(0).strip("-_")}" in {name}')


def _by_folder(files: Sequence[str]) -> Verdict | None:
    said = [folder for path in files if (folder := folder_of(path)) is not None]
    for kind, component, confidence in (
        (Folder.APPLICATION, Component.APPLICATION, 0.8),
        (Folder.INFRASTRUCTURE, Component.INFRASTRUCTURE, 0.8),
        (Folder.FLUX, Component.INFRASTRUCTURE, 0.6),
    ):
        folders = [name for folder, name in said if folder is kind]
        if folders and 2 * len(folders) >= len(said):
            return Verdict(component, confidence, f"it lies in the folder {folders[0]}")
    return None


def _by_default(update: Update, files: Sequence[str], *, known_to_renovate: bool) -> Verdict:
    if any(path.endswith((".yaml", ".yml", ".j2", ".yaml.tmpl", ".json")) for path in files):
        return Verdict(Component.APPLICATION, 0.55, f"nothing says that {update.name} is infrastructure")
    if not files and update.name and known_to_renovate:
        return Verdict(Component.APPLICATION, 0.4, f"nothing says that {update.name} is infrastructure")
    return Verdict(Component.UNKNOWN, 0.2, f"nothing says what {update.name} is")


def _judge_files(files: Sequence[str]) -> Verdict:
    """Where no update could be read: a lock file, or a person's commit."""
    for verdict in (_by_node_file(files), _by_folder(files)):
        if verdict is not None:
            return Verdict(verdict.component, verdict.confidence - 0.2, verdict.reason)
    return Verdict(Component.UNKNOWN, 0.1, "no update could be read")


def _listed(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"

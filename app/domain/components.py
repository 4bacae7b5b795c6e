"""What a change touches when it is merged: tooling, Flux itself, the cluster's infrastructure, or an application.

Each update is judged by itself, the strongest sign first: a migrated API, the file (a tool's file touches no
cluster), the name of the upstream, words in that name, the folder. A pull request is then the weightiest of its
updates.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.file_roles import Folder, application_names_of, folder_of, is_node_path, is_prose, is_tooling_path
from app.domain.model import Component, Update
from app.domain.moves import Move
from app.domain.renovate_table import TableRow
from app.domain.updates import bare_version, short_name
from app.domain.upstreams import (
    Verdict,
    judge_data_service,
    judge_flux,
    judge_name,
    judge_words,
    owners_of_links,
)

__all__ = ["Verdict", "judge", "weightiest_verdict"]


_API_VERSION = re.compile(r"^(?P<group>[a-z0-9.-]*\.?[a-z0-9-]+)/v\d+(?:(?:alpha|beta)\d+)?$")
_FLUX_GROUPS = (".toolkit.fluxcd.io", ".controlplane.io")
_TOOL_PREFIXES = re.compile(r"^(?:aqua|asdf|cargo|core|gem|github|go|npm|pipx|spm|ubi|vfox|dotnet|http):")
_TOOL_TYPES = frozenset(
    """
    action container docker service uses-with github-runner
    repository tools plugin feature stage final
    dependencies devdependencies dev-dependencies peerdependencies optionaldependencies engines packagemanager volta
    overrides resolutions dev build build-dependencies workspace.dependencies project.dependencies requires-python
    project.optional-dependencies dependency-groups build-system.requires tool.uv.dev-dependencies
    require indirect replace golang toolchain compile test parent provided nuget msbuild-sdk
    """.split()  # noqa: SIM905
)
"""Words of the Type column that only tools' and languages' managers use: GitHub Actions' in the first line (see
https://docs.renovatebot.com/modules/manager/github-actions/), mise, pre-commit and Dockerfiles in the second."""

_ACTION_LABELS = frozenset(
    {"renovate/github-action", "renovate/github-actions", "github-actions", "github_actions", "manager:github-actions"}
)
_NODE_TYPES = frozenset({"required_provider", "provider", "module", "galaxy-collection", "galaxy-role"})
_NODE_MANAGERS = frozenset({"terraform", "terragrunt", "ansible-galaxy"})
_WORKLOAD_DATASOURCES = frozenset({"docker", "helm"})
"""Terraform runs these too, and then it says no more of them than a manifest would."""
_TOOL_MANAGERS = frozenset({"github-actions", "pre-commit", "mise", "asdf", "renovate-config-presets"})


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What is known of one update beside its name. `files` are those of its own moves, else of the pull request.

    `type` is the word of Renovate's Type column; `origins` are owners told by links and by neighbours in the diff.
    """

    files: tuple[str, ...]
    type: str = ""
    origins: tuple[str, ...] = ()
    labels: frozenset[str] = frozenset()


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
    by_package = {row.package: row for row in rows if row.package}
    moved = _moves_by_update(moves)
    verdicts: list[Verdict] = []
    for update in updates:
        version = bare_version(update.to)
        mine = [*moved.get((short_name(update.name), version), ()), *moved.get((None, version), ())]
        row = by_package.get(update.name)
        evidence = _Evidence(
            files=tuple(dict.fromkeys(move.file for move in mine)) or tuple(live),
            type=row.type.casefold() if row else "",
            origins=tuple(dict.fromkeys([*_origins(mine), *owners_of_links(row.links if row else ())])),
            labels=labels,
        )
        verdicts.append(_judge_update(update, evidence))
    if not verdicts:
        return _judge_files(live)
    return weightiest_verdict(verdicts)


def _origins(moves: Sequence[Move]) -> list[str]:
    return [move.origin for move in moves if move.origin is not None]


_SURE = 0.65
"""Below this confidence a verdict is a guess, and yields to what the other updates of a group are known to be."""


def weightiest_verdict(verdicts: Sequence[Verdict]) -> Verdict:
    """The one that counts for a pull request of several updates."""
    sure = [verdict for verdict in verdicts if verdict.confidence >= _SURE]
    if any(verdict.component is not Component.TOOLING for verdict in sure):
        verdicts = sure
    for component in _WEIGHT:
        matching = [verdict for verdict in verdicts if verdict.component is component]
        if matching:
            return max(matching, key=lambda verdict: verdict.confidence)
    return verdicts[0]


def _moves_by_update(moves: Sequence[Move]) -> Mapping[tuple[str | None, str], list[Move]]:
    """Short name (None where the diff does not tell it) and new version -> the moves."""
    found: defaultdict[tuple[str | None, str], list[Move]] = defaultdict(list)
    for move in moves:
        if not is_prose(move.file):
            found[(short_name(move.name) if move.name else None, bare_version(move.to))].append(move)
    return found


def _judge_update(update: Update, evidence: _Evidence) -> Verdict:
    files = evidence.files
    for verdict in (
        _by_api(update),
        _by_tool_file(update, evidence),
        judge_flux(update.name),
        judge_name(update.name, in_cluster=bool(files)),
        _by_node_file(files, update, evidence.type),
        judge_words(update.name, evidence.origins),
        _by_folder(files, layers=False),
        _by_application(files),
        _by_folder(files, layers=True),
        judge_data_service(update.name),
    ):
        if verdict is not None:
            return verdict
    return _by_default(update, files, known_to_renovate=bool(evidence.type) or bool(update.from_))


def _by_api(update: Update) -> Verdict | None:
    match = _API_VERSION.match(update.to or "")
    if match is None or not _API_VERSION.match(update.from_ or ""):
        return None
    group = match.group("group")
    if f".{group}".endswith(_FLUX_GROUPS):
        return Verdict(Component.FLUX_CORE, 0.97, f"{update.name} is Flux's own API ({group})")
    return Verdict(Component.INFRASTRUCTURE, 0.9, f"{update.name} is an API of the cluster ({group})")


def _by_tool_file(update: Update, evidence: _Evidence) -> Verdict | None:
    files = evidence.files
    if files and all(is_tooling_path(path) for path in files):
        return Verdict(Component.TOOLING, 0.95, f"only tools and CI read {_listed(files)}")
    if update.manager in _TOOL_MANAGERS or _TOOL_PREFIXES.match(update.name):
        return Verdict(Component.TOOLING, 0.9, f"{update.name} is a tool of {update.manager or 'mise'}")
    if not files and evidence.type in _TOOL_TYPES:
        return Verdict(Component.TOOLING, 0.9, f'Renovate calls {update.name} "{evidence.type}"')
    if not files and evidence.labels & _ACTION_LABELS:
        return Verdict(Component.TOOLING, 0.85, "the labels say GitHub Action")
    return None


def _by_node_file(files: Sequence[str], update: Update | None = None, type_: str = "") -> Verdict | None:
    manager, datasource = (update.manager, update.datasource) if update else (None, None)
    if manager == "terraform" and datasource in _WORKLOAD_DATASOURCES:
        return None
    if type_ in _NODE_TYPES or manager in _NODE_MANAGERS:
        return Verdict(Component.INFRASTRUCTURE, 0.6, f"it belongs to {type_ or manager}")
    if files and all(is_node_path(path) for path in files):
        return Verdict(Component.INFRASTRUCTURE, 0.75, f"{_listed(files)} configures what the cluster runs on")
    return None


def _by_application(files: Sequence[str]) -> Verdict | None:
    """The application in whose folder all the files lie: what runs beside Velero is a part of Velero."""
    verdicts = {_known_application(path) for path in files}
    return verdicts.pop() if len(verdicts) == 1 else None


def _known_application(path: str) -> Verdict | None:
    for name in application_names_of(path):
        verdict = judge_name(name, in_cluster=True)
        if verdict is not None and verdict.component is not Component.TOOLING:
            return Verdict(verdict.component, 0.85, f"it lies in the folder of {name}")
    return None


def _by_folder(files: Sequence[str], *, layers: bool) -> Verdict | None:
    said = [folder for path in files if (folder := folder_of(path, layers=layers)) is not None]
    for kind, component, confidence in (
        (Folder.APPLICATION, Component.APPLICATION, 0.7 if layers else 0.9),
        (Folder.INFRASTRUCTURE, Component.INFRASTRUCTURE, 0.7 if layers else 0.9),
        (Folder.FLUX, Component.INFRASTRUCTURE, 0.6),
    ):
        folders = [name for folder, name in said if folder is kind]
        if folders and 2 * len(folders) >= len(said):
            return Verdict(component, confidence, f"it lies in the folder {folders[0]}")
    return None


_MANIFEST_SUFFIXES = (".yaml", ".yml", ".j2", ".tmpl", ".gotmpl", ".json", ".cue", ".jsonnet", ".libsonnet", ".env")


def _by_default(update: Update, files: Sequence[str], *, known_to_renovate: bool) -> Verdict:
    if any(path.endswith(_MANIFEST_SUFFIXES) for path in files):
        return Verdict(Component.APPLICATION, 0.6, f"nothing says that {update.name} is infrastructure")
    if not files and update.name and known_to_renovate:
        return Verdict(Component.APPLICATION, 0.6, f"nothing says that {update.name} is infrastructure")
    return Verdict(Component.UNKNOWN, 0.2, f"nothing says what {update.name} is")


def _judge_files(files: Sequence[str]) -> Verdict:
    """Where no update could be read: a lock file, or a person's commit."""
    for verdict in (_by_node_file(files), _by_folder(files, layers=True), _by_application(files)):
        if verdict is not None:
            return Verdict(verdict.component, verdict.confidence - 0.2, verdict.reason)
    return Verdict(Component.UNKNOWN, 0.1, "no update could be read")


def _listed(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"

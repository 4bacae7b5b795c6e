"""The story's repository on the morning of 2025-06-11: wcygan/homelab with its eighteen open Renovate pull requests.

Versions, paths, titles and replaced lines are those of https://github.com/wcygan/homelab; manifests are cut down to
what the pull requests touch and what a reader needs to find the Flux Kustomizations.
"""

from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from app.demo.github.repository import Repository
from app.demo.github.state import GitHub
from app.demo.renovate import LineEdit, Renovate, RenovateUpdate
from app.demo.renovate_body import UpdateRow


def load_story(github: GitHub, renovate: Renovate | None = None, *, installed: bool = True) -> Repository:
    """Everything was there before the App came, so only its installation is announced."""
    bot = renovate or Renovate(github)
    # As the repository's own configuration says: suppressNotifications has prEditedNotification.
    bot.notifies_of_edits = False
    with github.silent():
        repository = github.create_repository("homelab", base_files(), owner=github.user("wcygan"), installed=False)
        for number, update in story_updates().items():
            bot.opens(repository, update, number=number)
    if installed:
        github.install_on(repository)
    return repository


def base_files() -> dict[str, str]:
    """Path -> text of the default branch."""
    root = resources.files(__name__) / "base"
    return dict(_read(root, ""))


def _read(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{prefix}{entry.name}"
        found += _read(entry, f"{path}/") if entry.is_dir() else [(path, entry.read_text(encoding="utf-8"))]
    return found


def story_updates() -> dict[int, RenovateUpdate]:
    """Number -> what Renovate proposes in that pull request."""
    text = (resources.files(__name__) / "pull_requests.yaml").read_text(encoding="utf-8")
    return {entry["number"]: _update(entry) for entry in yaml.safe_load(text)}


def _update(entry: dict[str, Any]) -> RenovateUpdate:
    rows = tuple(
        UpdateRow(row["package"], row["update"], row["from"], row["to"], row.get("type"), row.get("source"))
        for row in entry["updates"]
    )
    edits = tuple(LineEdit(path, edit["line"], edit["becomes"]) for edit in entry["edits"] for path in edit["in"])
    return RenovateUpdate(entry["title"], entry["branch"], rows, edits, tuple(entry["labels"]), entry.get("notes"))

"""Which folders no cluster reads, by their names. What a live file names explicitly is live all the same."""

NOT_LIVE = frozenset(
    {
        ".archive",
        "archive",
        "archived",
        "_archive",
        "template",
        "templates",
        ".templates",
        "_templates",
        "test",
        "tests",
    }
    | {"testdata", "example", "examples", "docs", "deprecated", ".git", ".github", "node_modules"}
)
NAMES_CLUSTERS = frozenset({"clusters", "environments", "envs", "overlays"})
"""Folders whose subfolders are clusters, whatever they are called."""
REBUILD_ONLY = frozenset({"bootstrap", "setup", ".bootstrap"})
"""Folders of what only installs a cluster anew, unless a Flux Kustomization applies it."""


def is_live(path: str) -> bool:
    """False for archives, templates, examples and tests, which no cluster reads. A cluster may be called `test`."""
    folders = path.split("/")[:-1]
    if NOT_LIVE.isdisjoint(folders):
        return True
    return not any(
        folder in NOT_LIVE and not (folder == "test" and parent in NAMES_CLUSTERS)
        for parent, folder in zip(["", *folders], folders, strict=False)
    )


def is_rebuild_only(path: str) -> bool:
    return any(f"{folder}/" in path for folder in REBUILD_ONLY) and not REBUILD_ONLY.isdisjoint(path.split("/")[:-1])

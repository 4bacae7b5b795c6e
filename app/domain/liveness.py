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
REBUILD_ONLY = frozenset({"bootstrap", "setup", ".bootstrap"})
"""Folders of what only installs a cluster anew, unless a Flux Kustomization applies it."""


def is_live(path: str) -> bool:
    """False for archives, templates, examples and tests, which no cluster reads."""
    return NOT_LIVE.isdisjoint(path.split("/")[:-1])


def is_rebuild_only(path: str) -> bool:
    return not REBUILD_ONLY.isdisjoint(path.split("/")[:-1])

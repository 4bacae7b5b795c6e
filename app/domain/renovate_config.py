"""What a repository's Renovate configuration says about merging and rebasing, as far as the file itself tells.

Presets of others are not fetched: then what the file does not say is unknown, not Renovate's default. https://docs.renovatebot.com/configuration-options/
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.json5 import Json5Error, read_json5
from app.domain.renovate_presets import is_foreign, values_of

PACKAGE = "package.json"

CONFIG_FILES = (
    "renovate.json",
    "renovate.json5",
    ".github/renovate.json",
    ".github/renovate.json5",
    ".gitlab/renovate.json",
    ".gitlab/renovate.json5",
    ".renovaterc",
    ".renovaterc.json",
    ".renovaterc.json5",
    PACKAGE,
)
"""In the order in which Renovate looks; the first one counts (`lib/config/app-strings.ts`)."""


@dataclass(frozen=True, slots=True)
class RenovateConfig:
    """Each value as the file has it anywhere, None where it says nothing.

    `foreign_presets` are extended and were not read; they may say what the file does not.
    """

    automerge: bool | None
    automerge_type: str | None
    platform_automerge: bool | None
    ignore_tests: bool | None
    rebase_when: str | None
    branch_prefix: str | None
    dashboard: bool | None
    foreign_presets: tuple[str, ...]
    rebase_label: str | None = None
    stop_label: str | None = None
    author_emails: tuple[str, ...] = ()
    """The address of `gitAuthor`, and `gitIgnoredAuthors` as they stand: exact, glob or /regex/."""


def find_config_file(paths: Container[str]) -> str | None:
    """The file that Renovate would take."""
    return next((path for path in CONFIG_FILES if path in paths), None)


def read_config(path: str, text: str) -> RenovateConfig | None:
    """None for a `package.json` that does not configure Renovate. Raises Json5Error, also where it is no object."""
    config = _in_package(text) if path == PACKAGE else read_json5(text)
    if path == PACKAGE and config is None:
        return None
    if not isinstance(config, dict):
        raise Json5Error("it holds no object in line 1")
    presets = [preset for part in _parts(config) for preset in _presets(part)]
    root_presets = _presets(config)
    return RenovateConfig(
        automerge=_any_true(config, "automerge", presets),
        automerge_type=_risky(config, "automergeType", presets, "branch"),
        platform_automerge=_any_false(config, "platformAutomerge"),
        ignore_tests=_any_true(config, "ignoreTests", presets),
        rebase_when=_text(_at_root(config, "rebaseWhen", root_presets)),
        branch_prefix=_text(_at_root(config, "branchPrefix", root_presets)),
        dashboard=_boolean(_at_root(config, "dependencyDashboard", root_presets)),
        foreign_presets=tuple(preset for preset in dict.fromkeys(presets) if is_foreign(preset)),
        rebase_label=_text(_at_root(config, "rebaseLabel", root_presets)),
        stop_label=_text(_at_root(config, "stopUpdatingLabel", root_presets)),
        author_emails=tuple(_emails(config)),
    )


def _in_package(text: str) -> Any:
    """Its key `renovate`, where one text is a preset; None where Renovate passes the file over."""
    try:
        package = read_json5(text)
    except Json5Error:
        return None
    told = package.get("renovate") if isinstance(package, dict) else None
    if isinstance(told, str) and told:
        return {"extends": told}
    return told if isinstance(told, dict) else None


def _emails(config: Mapping[str, Any]) -> Iterator[str]:
    author = config.get("gitAuthor")
    if isinstance(author, str):
        yield author.rpartition("<")[2].rstrip("> ").strip()
    yield from _texts(config.get("gitIgnoredAuthors"))


def _parts(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object: the root, `packageRules`, `major`, `digest`, managers."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _parts(inner)


def _values(config: Any, key: str, presets: list[str]) -> list[Any]:
    stated = [part[key] for part in _parts(config) if key in part]
    return stated + values_of(presets, key)


def _any_true(config: Any, key: str, presets: list[str]) -> bool | None:
    values = _values(config, key, presets)
    if True in values:
        return True
    return False if False in values else None


def _any_false(config: Any, key: str) -> bool | None:
    values = _values(config, key, [])
    if True in values:
        return True
    return False if False in values else None


def _risky(config: Any, key: str, presets: list[str], risk: str) -> str | None:
    values = [value for value in _values(config, key, presets) if isinstance(value, str)]
    return risk if risk in values else (values[0] if values else None)


def _at_root(config: Mapping[str, Any], key: str, presets: list[str]) -> Any:
    """What the file says itself wins over what its presets say, and the last preset over the others."""
    if key in config:
        return config[key]
    told = values_of(presets, key)
    return told[-1] if told else None


def _presets(part: Mapping[str, Any]) -> list[str]:
    """A single one may stand without its list."""
    told = part.get("extends")
    return [told] if isinstance(told, str) else _texts(told)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _texts(value: Any) -> list[str]:
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []

"""The check `fluxmig / config` on a pull request that changes the configuration: a mistake is told before it is merged.

The text of the pull request is only looked at; what judges is always the one on the base branch.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.messages import words
from app.domain.policy import Policy
from app.domain.policy_file import Problem

CONFIG_CHECK_NAME = "fluxmig / config"
MOST_ANNOTATIONS = 50
"""GitHub takes so many with one request, and adds those of the next to them."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """A sentence at a line, 1-based."""

    path: str
    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class ConfigCheckText:
    conclusion: str
    title: str
    summary: str
    annotations: tuple[Annotation, ...]
    digest: str


def config_check_text(path: str, policy: Policy | None, problems: Sequence[Problem]) -> ConfigCheckText:
    """`policy` is None where the text has problems."""
    if policy is not None:
        mode = policy.mode.value if policy.mode else ""
        summary = words.config_ok_summary(path, mode=mode, rules=len(policy.rules))
        return _text("success", words.CONFIG_OK_TITLE, summary, ())
    shown = problems[:MOST_ANNOTATIONS]
    annotations = tuple(Annotation(path, problem.line, problem.column, problem.message) for problem in shown)
    summary = words.config_broken_summary(path, shown=len(shown), count=len(problems))
    return _text("failure", words.config_broken_title(len(problems)), summary, annotations)


def config_gone_text() -> ConfigCheckText:
    return _text("success", words.CONFIG_GONE_TITLE, words.CONFIG_GONE_SUMMARY, ())


def _text(conclusion: str, title: str, summary: str, annotations: tuple[Annotation, ...]) -> ConfigCheckText:
    said = "\0".join((conclusion, title, summary, *(f"{one.line}:{one.column}:{one.message}" for one in annotations)))
    return ConfigCheckText(conclusion, title, summary, annotations, hashlib.sha256(said.encode()).hexdigest())

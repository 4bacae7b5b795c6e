"""Read `.github/fluxmig.yaml`: every mistake at once, each with its line and column, and nothing is half understood.

A file with a mistake is refused as a whole, because a rule that is left out changes what the next one means.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.domain.messages.config import (
    SECOND_DOCUMENT,
    TOO_MUCH_WORK,
    UNPRINTABLE,
    duplicate_key_problem,
    not_a_list_problem,
    not_allowed_problem,
    pattern_problem,
    too_large_problem,
    too_long_problem,
    unknown_key_problem,
)
from app.domain.model import Component, ComponentClass, Evidence, SourceFile, State
from app.domain.patterns import BadRegex, Patterns, read_patterns
from app.domain.policy import Policy, Rule
from app.domain.policy_form import (
    ApprovalsForm,
    FreezeForm,
    LabelsForm,
    MatchForm,
    PolicyForm,
    RebaseForm,
    RuleForm,
)
from app.domain.rollout_form import RolloutForm, TermsForm
from app.domain.ruling import Ruling
from app.domain.yaml_places import Path, Place, YamlPlaces
from app.domain.yamltree import UnreadableYaml, load_documents

MOST_CHARACTERS = 100_000
_MOST_VALUES = 20_000
"""Values of the file, those of aliases counted each time: a few lines of YAML can stand for billions."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MOST_WORK = 20_000
"""States of all patterns together, see `LinearRegex.size`."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in the file; `line` and `column` are 1-based."""

    line: int
    column: int
    message: str


@dataclass(frozen=True, slots=True)
class ReadPolicy:
    """`policy` is None where the file has problems. `places` tells where a path of keys stands in it."""

    policy: Policy | None
    problems: tuple[Problem, ...]
    places: YamlPlaces


def read_policy(file: SourceFile) -> ReadPolicy:
    """Never raises. What `providers` holds is not looked into: the catalogue does that."""
    if len(file.text) > MOST_CHARACTERS:
        return _refused(Problem(1, 1, too_large_problem(f"{MOST_CHARACTERS} characters")))
    try:
        documents = load_documents(file.text)
        if len(documents) > 1:
            return _refused(Problem(documents[1].line, 1, SECOND_DOCUMENT))
        places = YamlPlaces(file.text)
    except (UnreadableYaml, yaml.YAMLError) as error:
        return _refused(_syntax_problem(error))
    data = documents[0].data if documents else {}
    values = list(islice(_values(data), _MOST_VALUES + 1))
    if len(values) > _MOST_VALUES:
        return _refused(Problem(1, 1, too_large_problem(f"{_MOST_VALUES} values")))
    if unprintable := [path for path, text in values if _UNPRINTABLE.search(text)]:
        place = min((places.of(path) for path in unprintable), key=lambda place: place.line)
        return _refused(Problem(place.line, place.column, UNPRINTABLE))
    return _Reader(file, places).read(_without_empty_keys(data))


def _refused(problem: Problem) -> ReadPolicy:
    return ReadPolicy(None, (problem,), YamlPlaces(""))


def _syntax_problem(error: Exception) -> Problem:
    cause = error if isinstance(error, yaml.MarkedYAMLError) else error.__cause__
    if isinstance(cause, yaml.MarkedYAMLError) and cause.problem_mark is not None:
        mark = cause.problem_mark
        return Problem(mark.line + 1, mark.column + 1, f"no YAML: {cause.problem}")
    # Our own limits and refusals: "line 3: …".
    place, _, said = str(error).partition(": ")
    number = place.removeprefix("line ")
    return Problem(int(number) if number.isdecimal() else 1, 1, f"no YAML: {said or place}")


def _values(data: Any) -> Iterator[tuple[Path, str]]:
    """Every key and value with its path, texts as they are, others as ""; those of aliases each time anew."""
    queue: list[tuple[Path, Any]] = [((), data)]
    while queue:
        path, value = queue.pop()
        yield path, value if isinstance(value, str) else ""
        if isinstance(value, dict):
            for key, inner in value.items():
                yield (*path, key), key if isinstance(key, str) else ""
                queue.append(((*path, key), inner))
        elif isinstance(value, list):
            queue.extend(((*path, index), inner) for index, inner in enumerate(value))


def _without_empty_keys(data: Any) -> Any:
    """`rules:` with nothing behind it means no rules."""
    if not isinstance(data, dict):
        return data
    kept = {key: value for key, value in data.items() if value is not None}
    for key in _PARTS:
        if isinstance(kept.get(key), dict):
            kept[key] = {name: value for name, value in kept[key].items() if value is not None}
    for key in _LISTS:
        if isinstance(kept.get(key), list):
            kept[key] = [_without_empty_keys(_with_match(item)) for item in kept[key]]
    return kept


def _with_match(rule: Any) -> Any:
    if not isinstance(rule, dict) or not isinstance(rule.get("match"), dict):
        return rule
    return {**rule, "match": _without_empty_keys(rule["match"])}


class _Reader:
    def __init__(self, file: SourceFile, places: YamlPlaces) -> None:
        self._file = file
        self._places = places
        self._problems: list[Problem] = [
            self._problem_at(place, duplicate_key_problem(key)) for place, key in places.duplicates()
        ]

    def read(self, data: Any) -> ReadPolicy:
        if not isinstance(data, dict):
            self._problems.append(Problem(1, 1, f"the file is no mapping; allowed keys: {_listed(PolicyForm)}"))
            return self._result(None)
        try:
            form = PolicyForm.model_validate(data)
        except ValidationError as error:
            self._problems += [self._explain(details) for details in error.errors(include_url=False)]
            return self._result(None)
        rules = tuple(self._rule(index, rule) for index, rule in enumerate(form.rules))
        ignored = self._patterns(("ignore_paths",), form.ignore_paths)
        if sum(rule.size for rule in rules) + ignored.size > _MOST_WORK:
            place = self._places.of(("rules",))
            self._problems.append(self._problem_at(place, TOO_MUCH_WORK))
        return self._result(
            Policy(
                file=self._file.path,
                blob_id=self._file.blob_id,
                rules=rules,
                ignored=ignored,
                providers=self._providers(),
                mode=form.mode,
                labels=_labels(form.labels) if "labels" in form.model_fields_set else None,
                no_labels=not form.labels.enabled,
                ruling=self._ruling(form),
                rebase=form.rebase,
                comment=form.comment,
                dashboard=form.dashboard,
                commands=dict(form.commands),
                rollout=form.rollout.read(),
                freezes=tuple(window.read() for window in form.freeze),
            )
        )

    def _result(self, policy: Policy | None) -> ReadPolicy:
        problems = tuple(sorted(self._problems, key=lambda problem: (problem.line, problem.column)))
        return ReadPolicy(None if problems else policy, problems, self._places)

    def _rule(self, index: int, form: RuleForm) -> Rule:
        at: Path = ("rules", index)
        match, within = form.match, (*at, "match")
        return Rule(
            number=index + 1,
            file=self._file.path,
            line=self._places.of(at).line,
            names=self._patterns((*within, "names"), match.names, ignore_case=True),
            paths=self._patterns((*within, "paths"), match.paths),
            managers=frozenset(manager.casefold() for manager in match.managers),
            datasources=frozenset(datasource.casefold() for datasource in match.datasources),
            update_types=frozenset(match.update_types),
            branches=self._patterns((*within, "branches"), match.branches),
            labels=self._patterns((*within, "labels"), match.labels, ignore_case=True),
            component=Component(form.class_.value) if form.class_ else None,
            update_type=form.update_type,
            reason=" ".join(form.reason.split()),
        )

    def _ruling(self, form: PolicyForm) -> Ruling:
        approvals = form.approvals
        classes_at = self._places.of(("approvals", "classes")).line if approvals.classes else 0
        return Ruling(
            edges={
                kind: (
                    choice,
                    Evidence(self._file.path, self._places.of(("edges", kind.value)).line, f"{kind}: {choice}"),
                )
                for kind, choice in form.edges.items()
            },
            majors=approvals.major,
            other_changes=approvals.other_changes,
            classes=frozenset(ComponentClass(one.value) for one in approvals.classes),
            classes_at=Evidence(self._file.path, classes_at, "classes") if approvals.classes else None,
        )

    def _providers(self) -> tuple[Mapping[str, object], ...]:
        try:
            return tuple(self._places.values("providers"))
        except (yaml.YAMLError, ValueError) as error:
            said = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            self._problems.append(self._problem_at(self._places.of(("providers",)), f"`providers`: {said}"))
            return ()

    def _patterns(self, at: Path, texts: tuple[str, ...], *, ignore_case: bool = False) -> Patterns:
        good = []
        for index, text in enumerate(texts):
            try:
                read_patterns([text], ignore_case=ignore_case)
                good.append(text)
            except BadRegex as error:
                place = self._places.of((*at, index))
                self._problems.append(self._problem_at(place, pattern_problem(text, str(error))))
        return read_patterns(good, ignore_case=ignore_case)

    def _explain(self, details: ErrorDetails) -> Problem:
        at = tuple(step for step in details["loc"] if step != "[key]")
        return self._problem_at(self._places.of(at), _sentence(details["type"], at, details))

    def _problem_at(self, place: Place, message: str) -> Problem:
        return Problem(place.line, place.column, message)


def _labels(form: LabelsForm) -> dict[State, str]:
    named = {
        State.BLOCKED: form.blocked,
        State.WAITING_ROLLOUT: form.blocked,
        State.HELD: form.hold,
        State.NEEDS_REVIEW: form.review,
        State.READY: form.ready,
    }
    return {state: name for state, name in named.items() if name}


def _sentence(kind: str, at: Path, details: ErrorDetails) -> str:
    key, context = str(at[-1]) if at else "", details.get("ctx") or {}
    match kind:
        case "extra_forbidden":
            allowed = _keys(_form_at(at[:-1]))
            return unknown_key_problem(key, near=get_close_matches(key, allowed, n=1), allowed=allowed)
        case "missing":
            return f"`{key}` is missing"
        case "enum":
            return not_allowed_problem(str(details["input"]), allowed=str(context.get("expected", "")))
        case "tuple_type":
            return not_a_list_problem(key)
        case "model_type" | "model_attributes_type" | "dict_type":
            return "this is no mapping" + (
                f"; allowed keys: {_listed(_form_at(at))}" if at[0] in (*_LISTS, *_PARTS, "rollout") else ""
            )
        case "invalid_key":
            return "a key is empty, or no text"
        case "string_type":
            return "this is no text"
        case "too_long" | "string_too_long":
            return too_long_problem(_name_of(at), int(context.get("max_length", 0)))
        case "string_too_short":
            return "this text is empty"
        case "value_error":
            return str(context.get("error", details["msg"]))
        case _:
            return f"`{_name_of(at)}` must be 1" if at == ("version",) else f"`{_name_of(at)}`: {details['msg']}"


def _name_of(at: Path) -> str:
    return ".".join(map(str, at))


_FORMS: Mapping[int, type[BaseModel]] = {0: PolicyForm, 2: RuleForm, 3: MatchForm}
_LISTS = ("rules", "freeze")
_PARTS: Mapping[str, type[BaseModel]] = {
    "labels": LabelsForm,
    "approvals": ApprovalsForm,
    "rebase": RebaseForm,
}


def _form_at(at: Path) -> type[BaseModel]:
    """The form of the mapping at `()`, `("freeze", 0)`, `("rules", 0)` or `("rules", 0, "match")`."""
    if at and at[0] == "freeze":
        return FreezeForm
    if at and at[0] == "rollout":
        return RolloutForm if len(at) == 1 else TermsForm
    if at and at[0] in _PARTS:
        return _PARTS[str(at[0])]
    return _FORMS.get(len(at), MatchForm)


def _keys(form: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in form.model_fields.items()]


def _listed(form: type[BaseModel]) -> str:
    return ", ".join(_keys(form))

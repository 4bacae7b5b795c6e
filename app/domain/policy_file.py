"""Read `.github/fluxmig.yaml`: every mistake at once, each with its line and column, and nothing is half understood.

A file with a mistake is refused as a whole, because a rule that is left out changes what the next one means.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import Any, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.domain.commands import Permission
from app.domain.match import Match
from app.domain.messages.config import (
    SECOND_DOCUMENT,
    TOO_MUCH_WORK,
    UNPRINTABLE,
    duplicate_key_problem,
    no_number_problem,
    not_a_list_problem,
    not_allowed_problem,
    not_understood_problem,
    pattern_problem,
    too_large_problem,
    too_long_problem,
    unknown_key_problem,
)
from app.domain.model import Component, ComponentClass, EdgeKind, Evidence, SourceFile, State, Strength
from app.domain.patterns import BadRegex, Patterns, read_patterns
from app.domain.policy import Policy, Rule
from app.domain.policy_form import (
    ApprovalRuleForm,
    EdgeRuleForm,
    FoundEdge,
    LabelsForm,
    MatchForm,
    OrderForm,
    PolicyForm,
    RuleForm,
)
from app.domain.ruling import ApprovalRule, EdgeRule, Order, Ruling
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
        return _refused(_syntax_problem(file.text, error))
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


def _syntax_problem(text: str, error: Exception) -> Problem:
    cause = error if isinstance(error, yaml.YAMLError) else error.__cause__
    if isinstance(cause, yaml.reader.ReaderError) and (found := _UNPRINTABLE.search(text)):
        before = text[: found.start()]  # PyYAML names no line of it
        return Problem(before.count("\n") + 1, found.start() - before.rfind("\n"), UNPRINTABLE)
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


def _without_empty_keys(data: Any, at: Path = ()) -> Any:
    """`rules:` with nothing behind it means no rules. Only where there is a form: `providers` are the catalogue's."""
    if isinstance(data, list):
        return [_without_empty_keys(one, at) for one in data]
    if not isinstance(data, dict) or _form_at(at) is None:
        return data
    return {key: _without_empty_keys(value, (*at, key)) for key, value in data.items() if value is not None}


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
            self._check_patterns(data)
            return self._result(None)
        rules = tuple(self._rule(index, rule) for index, rule in enumerate(form.rules))
        ignored = self._patterns(("ignore_paths",), form.ignore_paths)
        ruling = self._ruling(form)
        if (
            sum(match.size for match in (*(rule.match for rule in rules), *_matches(ruling))) + ignored.size
            > _MOST_WORK
        ):
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
                ruling=ruling,
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
        return Rule(
            number=index + 1,
            file=self._file.path,
            line=self._places.of(at).line,
            match=self._match((*at, "match"), form.match),
            component=Component(form.class_.value) if form.class_ else None,
            update_type=form.update_type,
            reason=_on_one_line(form.reason),
        )

    def _match(self, at: Path, form: MatchForm) -> Match:
        return Match(
            names=self._patterns((*at, "names"), form.names, ignore_case=True),
            paths=self._patterns((*at, "paths"), form.paths),
            managers=frozenset(manager.casefold() for manager in form.managers),
            datasources=frozenset(datasource.casefold() for datasource in form.datasources),
            update_types=frozenset(form.update_types),
            branches=self._patterns((*at, "branches"), form.branches),
            labels=self._patterns((*at, "labels"), form.labels, ignore_case=True),
        )

    def _ruling(self, form: PolicyForm) -> Ruling:
        approvals = form.approvals
        return Ruling(
            edges={
                EdgeKind(kind.value): (
                    getattr(form.edges, kind.value),
                    self._line(("edges", kind.value), f"{kind}: {getattr(form.edges, kind.value)}"),
                )
                for kind in FoundEdge
                if kind.value in form.edges.model_fields_set
            },
            edge_rules=tuple(self._edge_rule(index, rule) for index, rule in enumerate(form.edges.rules)),
            orders=tuple(self._order(index, order) for index, order in enumerate(form.order)),
            majors=approvals.major,
            other_changes=approvals.other_changes,
            classes=frozenset(ComponentClass(one.value) for one in approvals.classes),
            classes_at=self._line(("approvals", "classes"), "classes") if approvals.classes else None,
            approvals=tuple(self._approval_rule(index, rule) for index, rule in enumerate(approvals.rules)),
        )

    def _edge_rule(self, index: int, form: EdgeRuleForm) -> EdgeRule:
        at: Path = ("edges", "rules", index)
        return EdgeRule(
            place=self._line(at, f"edges.rules, rule {index + 1}: {form.strength}"),
            from_=self._match((*at, "from"), form.from_),
            to=self._match((*at, "to"), form.to),
            kinds=frozenset(EdgeKind(kind.value) for kind in form.kinds),
            choice=form.strength,
        )

    def _order(self, index: int, form: OrderForm) -> Order:
        at: Path = ("order", index)
        return Order(
            number=index + 1,
            place=self._line(at, f"order {index + 1}"),
            this=self._match((*at, "this"), form.this),
            after=self._match((*at, "after"), form.after),
            strength=Strength(form.strength.value),
            reason=_on_one_line(form.reason),
        )

    def _approval_rule(self, index: int, form: ApprovalRuleForm) -> ApprovalRule:
        at: Path = ("approvals", "rules", index)
        return ApprovalRule(
            place=self._line(at, f"approvals.rules, rule {index + 1}"),
            match=self._match((*at, "match"), form.match),
            by=form.by or Permission.READ,
            count=form.count,
            reason=_on_one_line(form.reason),
        )

    def _line(self, at: Path, text: str) -> Evidence:
        return Evidence(self._file.path, self._places.of(at).line, text)

    def _providers(self) -> tuple[Mapping[str, object], ...]:
        try:
            return tuple(self._places.values("providers"))
        except (yaml.YAMLError, ValueError) as error:
            said = error.problem if isinstance(error, yaml.MarkedYAMLError) else error
            self._problems.append(self._problem_at(self._places.of(("providers",)), f"`providers`: {said}"))
            return ()

    def _patterns(self, at: Path, texts: tuple[str, ...], *, ignore_case: bool = False) -> Patterns:
        good = [
            text for index, text in enumerate(texts) if self._is_pattern((*at, index), text, ignore_case=ignore_case)
        ]
        return read_patterns(good, ignore_case=ignore_case)

    def _check_patterns(self, data: Any) -> None:
        """Where the form is wrong, so that nothing is read: the patterns that can be found all the same."""
        for path, text in _values(data):
            if text and isinstance(path[-1], int) and _holds_patterns(path[:-1]):
                self._is_pattern(path, text)

    def _is_pattern(self, at: Path, text: str, *, ignore_case: bool = False) -> bool:
        try:
            read_patterns([text], ignore_case=ignore_case)
        except BadRegex as error:
            self._problems.append(self._problem_at(self._places.of(at), pattern_problem(text, str(error))))
            return False
        return True

    def _explain(self, details: ErrorDetails) -> Problem:
        loc = details["loc"]
        # Beside keys and places in lists, pydantic names what it looks at: a key, or one part of a union.
        parts = {index + 1 for index, step in enumerate(loc) if step == "commit_statuses"}
        at = tuple(step for index, step in enumerate(loc) if step != "[key]" and index not in parts)
        return self._problem_at(self._places.of(at), _sentence(details["type"], at, details))

    def _problem_at(self, place: Place, message: str) -> Problem:
        return Problem(place.line, place.column, message)


def _holds_patterns(at: Path) -> bool:
    in_match = bool(at) and at[-1] in ("names", "paths", "branches", "labels") and _form_at(at[:-1]) is MatchForm
    return in_match or at == ("ignore_paths",)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _matches(ruling: Ruling) -> Iterator[Match]:
    for rule in ruling.edge_rules:
        yield from (rule.from_, rule.to)
    for order in ruling.orders:
        yield from (order.this, order.after)
    yield from (rule.match for rule in ruling.approvals)


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
            allowed = _keys(_form_at(at[:-1]) or PolicyForm)
            return unknown_key_problem(key, near=get_close_matches(key, allowed, n=1), allowed=allowed)
        case "missing":
            return f"`{key}` is missing"
        case "enum":
            return not_allowed_problem(str(details["input"]), allowed=str(context.get("expected", "")))
        case "tuple_type":
            return not_a_list_problem(key)
        case "model_type" | "model_attributes_type" | "dict_type":
            form = _form_at(at)
            return "this is no mapping" + (f"; allowed keys: {_listed(form)}" if form is not None else "")
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
            return _scalar_sentence(kind, at, details["input"])


def _scalar_sentence(kind: str, at: Path, given: Any) -> str:
    if at == ("version",):
        return "`version` must be 1"
    if kind in ("bool_type", "bool_parsing"):
        return not_allowed_problem(given if isinstance(given, str) else "a list or a mapping", allowed="true or false")
    if kind.startswith("int_") or kind in ("greater_than_equal", "less_than_equal"):
        return no_number_problem(_name_of(at), _bounds_of(at))
    return not_understood_problem(_name_of(at))


def _bounds_of(at: Path) -> tuple[int, int]:
    """The least and the most that a number may be."""
    field = (_form_at(at[:-1]) or PolicyForm).model_fields[str(at[-1])]
    least = next(rule.ge for rule in field.metadata if hasattr(rule, "ge"))
    return least, next(rule.le for rule in field.metadata if hasattr(rule, "le"))


def _name_of(at: Path) -> str:
    return ".".join(map(str, at))


def _form_at(at: Path) -> type[BaseModel] | None:
    """The form of the mapping at `()`, `("freeze", 0)` or `("rules", 0, "match")`; None where it has none."""
    form: type[BaseModel] = PolicyForm
    is_named = False
    for step in at:
        if isinstance(step, int) or is_named:
            is_named = False  # a place in a list, or a name that people chose
            continue
        field = next((field for name, field in form.model_fields.items() if (field.alias or name) == step), None)
        inner = _form_within(field.annotation) if field else None
        if field is None or inner is None:
            return None
        form, is_named = inner, get_origin(field.annotation) is dict
    return form


def _form_within(annotation: Any) -> type[BaseModel] | None:
    """The form in `LabelsForm`, `tuple[RuleForm, ...]` and the like."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for one in get_args(annotation) if (found := _form_within(one)) is not None), None)


def _keys(form: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in form.model_fields.items()]


def _listed(form: type[BaseModel]) -> str:
    return ", ".join(_keys(form))

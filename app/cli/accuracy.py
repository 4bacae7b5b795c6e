"""`fluxmig accuracy LABELLED.jsonl`: how often the classification is right, on pull requests with known answers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer

from app.cli.classification_lines import BadLine, Line, open_input, pull_request_text, read_lines
from app.domain.classification import classify as classify_text
from app.domain.model import Classification, Component, Update
from app.domain.updates import same_version, short_name


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that was asked of one pull request. `where` is `file:line`."""

    about: str
    where: str
    title: str
    expected: str
    found: str
    right: bool


@dataclass(frozen=True, slots=True)
class Score:
    """How many questions of one kind were answered right; "unknown" is a wrong answer."""

    about: str
    right: int
    unknown: int
    asked: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.right / self.asked


_ORDER = ("update type", "component", "component class", "names and versions")


def ask(line: Line) -> list[Question]:
    """Compare one labelled line with what is found. Empty when the line has no labels to compare with."""
    labels = line.fields.get("labels")
    if not isinstance(labels, dict):
        return []
    found = classify_text(pull_request_text(line.fields))
    title = str(line.fields.get("title"))
    pairs = (
        ("update type", labels.get("update_type"), found.update_type.value if found.update_type else "unknown"),
        ("component", labels.get("component"), found.component.value),
        ("component class", labels.get("component_class"), found.component_class.value),
    )
    questions = [
        Question(about, line.where, title, str(expected), answer, answer == expected)
        for about, expected, answer in pairs
        # Without a component two readers may differ, and so they may on the class that follows from it.
        if expected is not None and (about != "component class" or labels.get("component") or expected == "major")
    ]
    dependencies = labels.get("deps")
    if isinstance(dependencies, list):
        questions.append(_ask_names(line.where, title, dependencies, found))
    return questions


def measure(lines: Iterable[Line]) -> list[Score]:
    """The score of each kind of question that the labels of `lines` can answer."""
    return _scores([question for line in lines for question in ask(line)])


def _scores(questions: Sequence[Question]) -> list[Score]:
    scores: list[Score] = []
    for about in _ORDER:
        asked = [question for question in questions if question.about == about]
        if asked:
            right = sum(question.right for question in asked)
            unknown = sum(question.found == Component.UNKNOWN.value for question in asked)
            scores.append(Score(about, right, unknown, len(asked)))
    return scores


def _ask_names(where: str, title: str, dependencies: Sequence[object], found: Classification) -> Question:
    expected = [
        Update(str(item.get("name")), item.get("from"), item.get("to"))
        for item in dependencies
        if isinstance(item, dict)
    ]
    right = len(expected) == len(found.updates) and all(
        any(_is_same(wanted, update) for update in found.updates) for wanted in expected
    )
    return Question("names and versions", where, title, _listed(expected), _listed(found.updates), right)


def _is_same(wanted: Update, found: Update) -> bool:
    return (
        short_name(wanted.name) == short_name(found.name)
        and same_version(wanted.from_, found.from_)
        and same_version(wanted.to, found.to)
    )


def _listed(updates: Sequence[Update]) -> str:
    return ", ".join(f"{update.name} {update.from_} -> {update.to}" for update in updates) or "none"


def accuracy(
    file: Annotated[
        str, typer.Argument(metavar="LABELLED.jsonl", help="Pull requests with a labels object; - for stdin.")
    ],
    wrong: Annotated[bool, typer.Option("--wrong", help="List each wrong answer.")] = False,
) -> None:
    """Measure the classification on labelled pull requests. An answer "unknown" counts as wrong."""
    questions: list[Question] = []
    failed = False
    with open_input(file) as source:
        for line in read_lines(source, file):
            if isinstance(line, BadLine):
                failed = True
                typer.echo(line.message, err=True)
            else:
                questions.extend(ask(line))
    if not questions:
        typer.echo(f"{file}: no line has labels to compare with", err=True)
        raise typer.Exit(2)
    for score in _scores(questions):
        share = f"{100 * score.share:6.1f} %"
        typer.echo(f"{score.about:<20}{score.right:>6} of {score.asked:<6}{share}{score.unknown:>5} unknown")
    if wrong:
        for question in questions:
            if not question.right:
                typer.echo(f"\n{question.where}: {question.title}\n  {question.about}: expected {question.expected}")
                typer.echo(f"  found {question.found}")
    if failed:
        raise typer.Exit(2)

"""The reference says what the code says, and everything that has a name has its paragraph."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.catalogue import load_catalogue
from app.config import Settings
from app.db.models import Base
from app.domain.commands import Verb
from app.domain.desired import LABELS
from app.domain.model import ComponentClass, Condition, EdgeKind, State, Strength, UpdateType
from app.domain.plan import plan_repository
from app.domain.planjson import plan_to_json
from app.domain.policy_form import policy_schema_text
from app.domain.reading import classify_pull_request
from scripts.reference import (
    REFERENCE,
    SCHEMA,
    list_config_keys,
    list_pages,
    list_verbs,
    openapi,
    render_page,
    variable_of,
)
from tests.support.story_repository import story_snapshot

MADE = re.compile(r"<!-- made: .*?<!-- end -->", re.DOTALL)


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def paragraphs(name: str, *, made: bool = False) -> dict[str, str]:
    """Heading -> the words below it, up to the next heading; without what is made from code unless `made`."""
    text = page(name) if made else MADE.sub("", page(name))
    text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    parts = re.split(r"^#{2,4} (.+)$", text, flags=re.MULTILINE)
    return {heading.strip("`"): body.strip() for heading, body in zip(parts[1::2], parts[2::2], strict=True)}


def without_words(name: str, wanted: Iterable[str]) -> list[str]:
    told = paragraphs(name)
    return [one for one in wanted if len(told.get(one, "").split()) < 5]


def test_pages_that_are_made_from_code_are_known() -> None:
    assert {path.name for path in list_pages()} == {
        "cli.md",
        "commands.md",
        "config.md",
        "database.md",
        "labels-and-checks.md",
        "rest.md",
        "settings.md",
    }


@pytest.mark.parametrize("path", list_pages(), ids=lambda path: path.name)
def test_a_page_says_what_the_code_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == render_page(text), "the code has changed: run `make docs`"


def test_a_part_that_nothing_makes_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        render_page("<!-- made: nothing -->\n<!-- end -->")


def test_every_setting_has_its_paragraph_and_there_are_no_others() -> None:
    variables = {variable_of(name) for name in Settings.model_fields}
    assert without_words("settings.md", variables) == []
    told = {heading for heading in paragraphs("settings.md") if re.fullmatch(r"[A-Z_]+", heading)}
    assert told == variables


def test_every_verb_of_the_command_line_has_its_paragraph_and_there_are_no_others() -> None:
    headings = [f"fluxmig {verb}" for verb in list_verbs()]
    assert without_words("cli.md", headings) == []
    assert list(paragraphs("cli.md")) == headings
    assert [name for name in list_verbs() if f"<!-- made: verb {name} -->" not in page("cli.md")] == []


def test_every_command_has_its_paragraph_and_there_are_no_others() -> None:
    headings = [f"/fluxmig {verb.value}" for verb in Verb]
    assert without_words("commands.md", headings) == []
    assert list(paragraphs("commands.md")) == headings


def test_every_key_of_the_configuration_has_its_paragraph_and_there_are_no_others() -> None:
    keys = list_config_keys()
    assert "rules[].match.names" in keys
    assert without_words("config.md", keys) == []
    assert [key for key in paragraphs("config.md") if key[0].islower()] == keys


def test_the_schema_that_is_shipped_is_that_of_the_form() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == policy_schema_text(), "the form has changed: run `make docs`"


def test_every_label_has_its_paragraph_and_there_are_no_others() -> None:
    labels = set(LABELS.values())
    assert without_words("labels-and-checks.md", labels) == []
    assert {heading for heading in paragraphs("labels-and-checks.md") if heading.startswith("fluxmig/")} == labels


def test_every_route_has_its_paragraph() -> None:
    told = paragraphs("rest.md", made=True)
    routes = [f"{method.upper()} {path}" for path, item in openapi()["paths"].items() for method in item]
    assert len(routes) > 10
    assert [route for route in routes if len(told.get(route, "").split()) < 5] == []


def test_every_table_has_its_line() -> None:
    tables = {name for name in Base.metadata.tables if f"| `{name}` | " not in page("database.md")}
    assert tables == set()


@pytest.mark.parametrize("enum", [ComponentClass, UpdateType])
def test_every_class_and_update_type_is_explained(enum: type[ComponentClass | UpdateType]) -> None:
    first_cells = " ".join(line.split("|")[1] for line in page("classification.md").splitlines() if line[:1] == "|")
    assert [value.value for value in enum if f"`{value.value}`" not in first_cells] == []


@pytest.mark.parametrize("enum", [EdgeKind, Strength, Condition, State])
def test_every_value_of_the_plan_is_named(enum: type[EdgeKind | Strength | Condition | State]) -> None:
    assert [value.value for value in enum if f"`{value.value}`" not in page("plan-json.md")] == []


# --- the format of the plan ---


@pytest.fixture(scope="module")
def plan() -> dict[str, Any]:
    """The story's plan, with one cluster that has spoken."""
    return plan_to_json(plan_repository(story_snapshot(), load_catalogue(), classify_pull_request))


def fields(value: Any, path: str = "") -> Iterator[str]:
    """The dotted names of all fields, `[]` for the items of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            here = f"{path}.{name}" if path else name
            yield here
            yield from fields(inner, here)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{path}[]")


def test_every_field_of_the_plan_has_its_row_and_there_are_no_others(plan: dict[str, Any]) -> None:
    told = re.findall(r"^\| `([a-z_.\[\]]+)` \|", page("plan-json.md"), flags=re.MULTILINE)
    # No cluster of the story has spoken yet, so what one said has no fields there.
    spoken = {f"clusters[].observed_flux.{name}" for name in ("version", "at", "source")}
    # Nor has the story's repository a configuration.
    configured = {f"config.{name}" for name in ("file", "blob", "problems")}
    assert sorted(told) == sorted({*fields(plan), *spoken, *configured})


def test_the_example_edge_is_the_storys(plan: dict[str, Any]) -> None:
    (example,) = re.findall(r"^```json\n(.*?)^```", page("plan-json.md"), flags=re.DOTALL | re.MULTILINE)
    edge = json.loads(example)
    (real,) = [one for one in plan["edges"] if (one["from"], one["to"]) == (edge["from"], edge["to"])]
    assert {**edge, "evidence": []} == {**real, "evidence": []}
    assert edge["evidence"]
    assert [line for line in edge["evidence"] if line not in real["evidence"]] == []

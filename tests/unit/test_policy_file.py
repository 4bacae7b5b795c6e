"""`.github/fluxmig.yaml`: what is read, and each mistake with its line, its column and its words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use, read_configuration
from app.domain.model import Component, SourceFile, UpdateType
from app.domain.policy import DEFAULT_POLICY, POLICY_FILES, Policy
from app.domain.policy_file import MOST_CHARACTERS, _form_within, _keys, read_policy
from app.domain.policy_form import MatchForm, PolicyForm
from tests.support.story_repository import source_file

FILE = POLICY_FILES[0]
KEYS = ", ".join(PolicyForm.model_fields)
BOMB = [f"*{name}" for name in "abcde"]


def config(text: str) -> SourceFile:
    return source_file(FILE, text)


def read(text: str) -> Policy:
    found = read_policy(config(text))
    assert [problem.message for problem in found.problems] == []
    assert found.policy is not None
    return found.policy


def mistakes(text: str) -> list[str]:
    found = read_policy(config(text))
    assert found.policy is None
    return [f"{problem.line}:{problem.column}: {problem.message}" for problem in found.problems]


@pytest.mark.parametrize(
    "text",
    ["", "\n", "# nothing yet\n", "---\n", "{}", "rules:\n", "version: 1\n", "\ufeffversion: 1\r\nrules: []\r\n"],
)
def test_an_empty_file_is_a_whole_one(text: str) -> None:
    policy = read(text)
    assert (policy.rules, bool(policy.ignored), policy.providers) == ((), False, ())


def test_a_rule_knows_its_place_and_its_words() -> None:
    policy = read(
        """\
rules:
  - match:
      names: [home-assistant]
      update_types: [major]
    update_type: minor
    reason: >
      calendar
      versions
  - match: {paths: [apps/infra/]}
    class: infrastructure
"""
    )
    first, second = policy.rules
    assert (first.number, first.line, first.component, first.update_type) == (1, 2, None, UpdateType.MINOR)
    assert first.reason == "calendar versions"
    assert (second.number, second.line, second.component) == (2, 9, Component.INFRASTRUCTURE)


def test_every_mistake_is_told_at_once_and_in_its_place() -> None:
    assert mistakes(
        """\
rulez: 1
rules:
  - match:
      nmaes: [a]
      names: cilium
      update_types: [breaking, major]
    class: infra
  - match: {}
  - class: tooling
  - a word
ignore_paths: [~, ""]
"""
    ) == [
        f"1:1: `rulez` is no key here; did you mean `rules`? Allowed: {KEYS}",
        "4:7: `nmaes` is no key here; did you mean `names`? Allowed: " + ", ".join(MatchForm.model_fields),
        "5:7: `names` is no list; write `names: [one, another]`",
        "6:22: `breaking` is not allowed here; allowed: major, minor, patch, digest, pin, replacement or lockfile",
        "7:5: `infra` is not allowed here; allowed: tooling, flux-core, infrastructure or application",
        "8:5: a rule needs `class` or `update_type`, or it says nothing",
        "9:5: `match` is missing",
        "10:5: this is no mapping; allowed keys: match, class, update_type, reason",
        "11:16: this is no text",
        "11:19: this text is empty",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "- a\n",
            f"1:1: the file is no mapping; allowed keys: {KEYS}",
        ),
        ("mode: on\n", "1:1: `on` is not allowed here; allowed: observe, check or act"),
        ("commands: {unblok: write}\n", "1:12: `unblok` is not allowed here; allowed: help, why, plan,"),
        ("commands: {hold: owner}\n", "1:12: `owner` is not allowed here; allowed: read, write, maintain or admin"),
        ("commands: [hold]\n", "1:1: this is no mapping"),
        ("rules: [\n", "2:1: no YAML: did not find expected node content"),
        ("rules: *missing\n", "1:1: no YAML: there is no anchor missing"),
        ("{}\n---\n{}\n", "2:1: a second YAML document; one file holds one configuration"),
        ("version: 2\n", "1:1: `version` must be 1"),
        ("version: 1\nrules: []\nversion: 1\n", "3:1: `version` stands twice here; only the last one would count"),
        ("? [a]\n: b\n", "1:1: no YAML: a key that is no scalar"),
        (
            'rules:\n- {match: {}, class: tooling, reason: "a\\0b"}\n',
            "2:31: a character here cannot be printed, such as NUL or escape",
        ),
        ('"a\\e[31m": 1\n', "1:1: a character here cannot be printed, such as NUL or escape"),
        ("mode: act\n\nlabels:\n  hold: a\x1bb\n", "4:10: a character here cannot be printed, such as NUL or escape"),
        ("mode: act\n# \0\n", "2:3: a character here cannot be printed, such as NUL or escape"),
        ("comment: maybe\n", "1:1: `maybe` is not allowed here; allowed: true or false"),
        ("dashboard: [1]\n", "1:1: `a list or a mapping` is not allowed here; allowed: true or false"),
        ("rebase: {budget: x}\n", "1:10: `rebase.budget` must be a whole number from 1 to 1000"),
        ("rebase: {budget: 0}\n", "1:10: `rebase.budget` must be a whole number from 1 to 1000"),
        ("rebase: {budget: [1]}\n", "1:10: `rebase.budget` must be a whole number from 1 to 1000"),
        (
            "approvals: {rules: [{match: {names: [a]}, count: 99}]}\n",
            "1:43: `approvals.rules.0.count` must be a whole number from 0 to 10",
        ),
        ("~: 1\n", "1:1: a key is empty, or no text"),
        (
            "a`b: 1\n",
            f"1:1: `a'b` is no key here; allowed: {KEYS}",
        ),
        (
            "rules:\n- {match: {names: ['/(a/']}, class: tooling}\n",
            "2:20: `/(a/` is no pattern: a `(` that nothing closes, at character 3 of the pattern",
        ),
        ("ignore_paths: ['{a']\n", "1:16: `{a` is no pattern: a `{` that nothing closes"),
        ("providers: [{a: 2024-13-45}]\n", "1:1: `providers`: month must be in 1..12"),
        ("providers: [x]\n", "1:13: this is no mapping"),
        (f"ignore_paths: [{', '.join(['a'] * 201)}]\n", "1:1: `ignore_paths` is too long; 200 are allowed"),
    ],
)
def test_a_mistake_and_its_words(text: str, said: str) -> None:
    assert mistakes(text)[0].startswith(said)


def test_patterns_are_looked_at_beside_mistakes_of_form() -> None:
    text = "comment: maybe\nignore_paths: ['{a']\nrules:\n- {match: {names: ['/(a/']}, clas: tooling}\n"
    assert [one.partition(": ")[2][:20] for one in mistakes(text)] == [
        "`maybe` is not allow",
        "`{a` is no pattern: ",
        "`/(a/` is no pattern",
        "`clas` is no key her",
    ]


@pytest.mark.parametrize("wrong", ["maybe", "''", "[[x]]", "[{x: y}]", "{x: y}", "{x: {y: z}}", "[]", "{}", "9" * 5000])
def test_no_words_of_pydantic_reach_the_reader(wrong: str) -> None:
    """Each key of each form, with what it does not take."""
    texts = [f"{key}: {wrong}" for key in PolicyForm.model_fields]
    for key, field in PolicyForm.model_fields.items():
        form = _form_within(field.annotation)
        for inner in _keys(form) if form else ():
            texts += [f"{key}: {{{inner}: {wrong}}}", f"{key}: [{{{inner}: {wrong}}}]"]
    said = [problem.message for text in texts for problem in read_policy(config(text)).problems]
    assert said
    assert [one for one in said if re.search("Input|Unable|Value error|valid", one)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: " + "[" * 200, "no YAML: too large or too deep"),
        ("a: &x [*x]\n", "the file is too large: more than 20000 values"),
        (
            "\n".join(
                f"{name}: &{name} [{', '.join([of] * 8)}]" for name, of in zip("abcdef", ["x", *BOMB], strict=True)
            ),
            "the file is too large: more than 20000 values",
        ),
        ("#" * (MOST_CHARACTERS + 1), f"the file is too large: more than {MOST_CHARACTERS} characters"),
        (
            "rules:\n" + f"- {{match: {{names: ['{'*a' * 140}']}}, class: tooling}}\n" * 150,
            "the patterns of this file are too many or too long, so that matching them would take too much time",
        ),
    ],
)
def test_no_file_is_too_much(text: str, said: str) -> None:
    (problem,) = read_policy(config(text)).problems
    assert problem.message == said


@given(st.text(alphabet="rules:match{}[]&*!\n -'\"#|>?~1", max_size=60))
def test_it_never_raises(text: str) -> None:
    found = read_policy(config(text))
    assert (found.policy is None) is bool(found.problems)


# --- with the catalogue ---

WIDGET = """\
providers:
  - provider: widgets
    name: Widgets
    source: https://example.com
    first: "1.0"
    last: "1.2"
    newest: 1.2.0
    complete: true
    kinds:
      example.com/Widget:
        versions:
          v1: {since: 1.1.0}
"""


def test_providers_extend_the_catalogue_once_for_each_text() -> None:
    catalogue = load_catalogue()
    first = read_configuration(config(WIDGET), catalogue)
    assert first.problems == ()
    assert "widgets" in first.catalogue.providers
    assert read_configuration(config(WIDGET), catalogue).catalogue is first.catalogue
    assert read_configuration(config("version: 1\n"), catalogue).catalogue is catalogue


def test_a_wrong_provider_is_told_with_its_place_and_so_is_the_next() -> None:
    text = WIDGET + '  - {provider: gadgets}\n  - {provider: flux, newst: "1"}\n'
    problems = read_configuration(config(text), load_catalogue()).problems
    assert [problem.line for problem in problems] == [13, 14]
    assert problems[1].column == 22
    assert problems[1].message.startswith("`providers.2.newst` is not a key that is known here: did you mean newest?")


def test_no_file_means_the_defaults() -> None:
    in_use = configuration_in_use({}, load_catalogue())
    assert (in_use.policy, in_use.problems) == (DEFAULT_POLICY, ())


@pytest.mark.parametrize("path", POLICY_FILES)
def test_both_spellings_are_read(path: str) -> None:
    in_use = configuration_in_use({path: source_file(path, "ignore_paths: [a]")}, load_catalogue())
    assert in_use.policy.file == path


def test_a_broken_file_leaves_the_last_good_one_or_the_defaults() -> None:
    broken = {FILE: config("rulez: 1\n")}
    alone = configuration_in_use(broken, load_catalogue())
    assert (alone.policy, alone.last_good) == (DEFAULT_POLICY, False)
    (problem,) = alone.problems
    assert (problem.file, problem.line) == (FILE, 1)
    good = config("ignore_paths: [old/]\n")
    kept = configuration_in_use(broken, load_catalogue(), last_good=good)
    assert (kept.policy.blob_id, kept.last_good) == (good.blob_id, True)
    assert kept.problems == alone.problems

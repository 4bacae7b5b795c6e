"""A plan under the repository's own configuration, and the verdict on a bump that changes something else."""

from dataclasses import replace

from app.catalogue import load_catalogue
from app.catalogue.configured import configuration_in_use
from app.domain.answers import why_answer
from app.domain.checks import check_text
from app.domain.configured_plan import plan_configured
from app.domain.model import Approval, ComponentClass, Plan, PullRequest, Snapshot, State
from app.domain.modes import Mode
from app.domain.planjson import plan_to_json
from app.domain.policy_form import PolicyForm
from app.domain.render_table import plan_to_table
from app.services.queries.decode import read_classification
from tests.support.story_repository import change, source_file, story_snapshot

FILE = ".github/fluxmig.yaml"
KEYS = ", ".join(PolicyForm.model_fields)
VALUES = "kubernetes/apps/flux-system/flux-instance/app/helm/values.yaml"


def plan_with(text: str | None, snapshot: Snapshot | None = None) -> Plan:
    snapshot = snapshot or story_snapshot()
    tree = {path: file for path, file in snapshot.tree.items() if path != FILE}
    snapshot = replace(snapshot, tree=tree if text is None else {**tree, FILE: source_file(FILE, text)})
    return plan_configured(snapshot, configuration_in_use(snapshot.tree, load_catalogue()))


def with_pull_request(number: int, **changes: object) -> Snapshot:
    """The story with one of its pull requests changed."""
    snapshot = story_snapshot()
    pulls = tuple(replace(pull, **changes) if pull.number == number else pull for pull in snapshot.pull_requests)  # type: ignore[arg-type]
    return replace(snapshot, pull_requests=pulls)


def pull(number: int) -> PullRequest:
    return next(pull for pull in story_snapshot().pull_requests if pull.number == number)


def test_without_a_file_nothing_is_different() -> None:
    plan = plan_with(None)
    assert plan.config is None
    assert replace(plan_with(""), config=None) == plan


def test_the_mode_is_that_of_the_file_and_unsaid_without_one() -> None:
    assert [plan_with(text).mode for text in (None, "", "mode: check")] == [None, None, Mode.CHECK]


def test_the_rule_is_named_wherever_a_reason_is_shown() -> None:
    match = "{paths: [kubernetes/apps/system-health/]}"
    plan = plan_with(f"rules:\n- match: {match}\n  class: tooling\n  reason: <b>nodes</b> | [x](y) @owner\n")
    (number,) = [found.number for found in plan.pull_requests if found.classification.rules]
    told = plan.of(number)
    assert told.classification.component_class is ComponentClass.TOOLING
    assert f"rule 1 of {FILE}:2" in plan_to_table(plan)
    rows = plan_to_json(plan)["pull_requests"]
    (row,) = [row["classification"] for row in rows if row["number"] == number]
    assert row["rules"] == [{"file": FILE, "line": 2, "text": "<b>nodes</b> | [x](y) @owner"}]
    assert read_classification(row) == told.classification
    for words in (check_text(plan, told).summary, why_answer(plan, number)):
        assert "rule 1 of .github/fluxmig.yaml:2" in words
        assert "<b>" not in words
        assert "[x](y)" not in words
        assert "@owner" not in words


def test_a_broken_file_is_a_warning_with_its_place() -> None:
    plan = plan_with("version: 1\nrulez: []\nx: y\n")
    assert plan.warnings[0] == (
        f"{FILE}:2: `rulez` is no key here; did you mean `rules`? Allowed: {KEYS} "
        f"(and 1 more). Until this is mended, none of it counts; `fluxmig lint {FILE}` shows every mistake."
    )
    assert plan.config is not None
    assert (plan.config.blob_id, len(plan.config.problems)) == (None, 2)
    assert [found.state for found in plan.pull_requests] == [found.state for found in plan_with(None).pull_requests]


def test_ignored_paths_declare_nothing_and_need_nothing() -> None:
    assert plan_with(None).of(34).state is State.BLOCKED
    without = plan_with("ignore_paths: [kubernetes/]\n")
    assert without.of(34).state is State.READY
    assert without.of(34).requires == ()
    assert without.clusters[0].flux is None
    assert [u.name for u in without.of(34).classification.updates] == ["OCIRepository"], "what it is stays known"


def test_a_pull_request_that_brings_the_file_does_not_judge_itself() -> None:
    rules = change(FILE, None, "rules:\n- {match: {}, class: tooling}\nignore_paths: ['**']\n")
    plan = plan_with(None, with_pull_request(34, changes=(*pull(34).changes, rules)))
    assert plan.of(34).state is State.BLOCKED
    assert plan.of(34).classification.rules == ()
    assert plan.of(34).classification.also_changes[0].file == FILE


# --- a bump that changes something else ---


def impure(number: int, *approvals: Approval) -> Plan:
    """The bump of one file, which also switches something off."""
    found = pull(number)
    (bump,) = found.changes
    assert bump.before is not None
    assert bump.after is not None
    changed = change(bump.path, bump.before.text, bump.after.text + "firewall: off\n")
    return plan_with(None, with_pull_request(number, changes=(changed,), approvals=approvals))


def test_it_waits_for_a_person_and_says_what_and_where() -> None:
    plan = impure(30)
    told = plan.of(30)
    assert told.state is State.NEEDS_REVIEW
    assert told.reason == (
        f"#30 says it is a bump and also changes `+ firewall: off` ({VALUES}:25): a person should look, then say "
        "`/fluxmig approve`."
    )
    text = check_text(plan, told)
    assert (text.conclusion, text.title) == (
        "action_required",
        f"Needs a person's review: it also changes {VALUES}:25",
    )
    assert f"- `{VALUES}:25` `+ firewall: off`" in text.summary
    assert "says `/fluxmig approve` if that is meant" in text.summary


def test_hard_edges_come_first_and_an_approval_frees() -> None:
    blocked = with_pull_request(34, changes=(*pull(34).changes, change("apps/x.yaml", None, "a: b\n")))
    plan = plan_with(None, blocked)
    assert plan.of(34).state is State.BLOCKED
    assert plan.of(34).classification.also_changes
    approved = impure(30, Approval("wcygan", "write"))
    assert approved.of(30).state is State.READY


def test_it_lands_with_what_a_person_must_look_at() -> None:
    before, after = plan_with(None), impure(30)
    first = next(index for index, wave in enumerate(before.waves) if 30 in wave)
    later = next(index for index, wave in enumerate(after.waves) if 30 in wave)
    assert later > first


def test_a_major_that_changes_something_else_says_both() -> None:
    extra = change("apps/x.yaml", None, "a: `b`\n")
    plan = plan_with(None, with_pull_request(37, changes=(*pull(37).changes, extra)))
    assert plan.of(37).reason.startswith("#37 says it is a major update (")
    assert "also changes `+ a: 'b'` (apps/x.yaml:1)" in plan.of(37).reason


def test_what_a_person_opens_is_no_bump() -> None:
    extra = change("apps/x.yaml", None, "a: b\n")
    plan = plan_with(None, with_pull_request(30, changes=(*pull(30).changes, extra), by_renovate=False))
    assert plan.of(30).classification.also_changes == ()

"""Check runs and commit statuses."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.model import Annotation, CheckOutput, CheckRun, Refused
from app.demo.github.payloads.checks import check_run_json, combined_status_json, status_json

routes = Routes()

CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
CHECK_RUN_FIELDS = (
    "name", "head_sha", "details_url", "external_id", "status", "started_at", "conclusion", "completed_at", "output",
    "actions",
)  # fmt: skip
MOST_ACTIONS = 3
LARGEST_TEXT = 65_535
ACTION_LIMITS = {"label": 20, "description": 40, "identifier": 20}


@routes.post("/repos/{owner}/{repo}/check-runs", needs("checks:write"))
def create_check_run(call: Call) -> Answer:
    repository, github = call.repository, call.github
    sha = call.required("head_sha")
    if sha not in repository.commits:
        raise Refused(422, f"No commit found for SHA: {sha}")
    run = CheckRun(github.next_id(), call.required("name"), repository.suite_for(call.the_app, sha), github.now())
    _apply(call, run)
    repository.add_check_run(run, by=call.actor)
    return Answer(201, check_run_json(repository, run))


@routes.patch("/repos/{owner}/{repo}/check-runs/{run_id:int}", needs("checks:write"))
def update_check_run(call: Call) -> Answer:
    repository, run = call.repository, _check_run(call)
    if run.app is not call.the_app:
        raise Refused(
            403,
            "Invalid app_id `" + str(call.the_app.id) + "` - check run can only be modified by the "
            "GitHub App that created it.",
        )
    was_completed = run.status == "completed"
    _apply(call, run)
    run.suite.updated_at = call.github.now()
    if run.status == "completed" and not was_completed:
        repository.check_run_completed(run, by=call.actor)
    return Answer(body=check_run_json(repository, run))


@routes.get("/repos/{owner}/{repo}/check-runs/{run_id:int}", needs("checks:read"))
def get_check_run(call: Call) -> Answer:
    return Answer(body=check_run_json(call.repository, _check_run(call)))


@routes.get("/repos/{owner}/{repo}/commits/{ref:path}/check-runs", needs("checks:read"))
def list_check_runs(call: Call) -> Answer:
    """`filter=latest`, the default, shows the youngest run of each name."""
    repository = call.repository
    call.takes("check_name", "filter", "status", "app_id")
    sha = call.commit(call.params["ref"]).sha
    runs = repository.check_runs_on(sha) if call.first("filter") == "all" else repository.latest_check_runs(sha)
    if name := call.first("check_name"):
        runs = [run for run in runs if run.name == name]
    if app_id := call.first("app_id"):
        runs = [run for run in runs if run.app.id == int(app_id)]
    if status := call.first("status"):
        runs = [run for run in runs if run.status == status]
    return call.page(runs, lambda run: check_run_json(repository, run), wrap="check_runs")


@routes.get("/repos/{owner}/{repo}/commits/{ref:path}/status", needs("statuses:read"))
def get_combined_status(call: Call) -> Answer:
    return Answer(body=combined_status_json(call.repository, call.commit(call.params["ref"]).sha))


@routes.get("/repos/{owner}/{repo}/commits/{ref:path}/statuses", needs("statuses:read"))
def list_statuses(call: Call) -> Answer:
    repository = call.repository
    statuses = repository.statuses_on(call.commit(call.params["ref"]).sha)
    return call.page(statuses, lambda status: status_json(repository, status))


@routes.post("/repos/{owner}/{repo}/statuses/{sha}", needs("statuses:write"))
def create_status(call: Call) -> Answer:
    state = call.required("state")
    if state not in ("error", "failure", "pending", "success"):
        raise Refused(422, "Validation Failed")
    description = call.text("description")
    if description is not None and len(description) > 140:
        raise Refused(422, "Validation Failed")
    status = call.repository.set_status(
        call.params["sha"],
        call.text("context") or "default",
        state,
        description=description,
        target_url=call.text("target_url"),
        by=call.actor,
    )
    return Answer(201, status_json(call.repository, status))


def _check_run(call: Call) -> CheckRun:
    run = call.repository.check_runs.get(int(call.params["run_id"]))
    if run is None:
        raise Refused(404, "Not Found")
    return run


def _apply(call: Call, run: CheckRun) -> None:
    """What create and update have in common. A conclusion completes the run, as GitHub says."""
    call.takes(*CHECK_RUN_FIELDS)
    conclusion, status = call.text("conclusion"), call.text("status")
    if conclusion is not None and conclusion not in CONCLUSIONS:
        raise Refused(422, "Validation Failed")
    if status == "completed" and conclusion is None:
        raise Refused(422, "Invalid request.\n\nMissing conclusion for a completed check run.")
    if status is not None and status not in ("queued", "in_progress", "completed"):
        raise Refused(422, "Validation Failed")
    actions = _actions(call.fields.get("actions", run.actions))
    output = _output(call.fields.get("output"), run.output)
    if conclusion is not None:
        run.status, run.conclusion = "completed", conclusion
        run.completed_at = _moment(call.text("completed_at")) or call.github.now()
    elif status is not None:
        run.status, run.conclusion, run.completed_at = status, None, None
    run.name = call.text("name") or run.name
    run.details_url = call.text("details_url") or run.details_url
    run.external_id = call.text("external_id") or run.external_id
    run.started_at = _moment(call.text("started_at")) or run.started_at
    run.actions, run.output = actions, output


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused(422, "Validation Failed") from None


def _actions(listed: Any) -> tuple[Mapping[str, str], ...]:
    actions = tuple(listed)
    too_long = any(len(action.get(name, "")) > limit for action in actions for name, limit in ACTION_LIMITS.items())
    if len(actions) > MOST_ACTIONS or too_long:
        raise Refused(422, "Validation Failed")
    return actions


def _output(given: Any, before: CheckOutput) -> CheckOutput:
    """Title, summary and text are replaced; annotations are appended."""
    if given is None:
        return before
    if not given.get("summary") or (not given.get("title") and before.title is None):
        raise Refused(422, 'Invalid request.\n\n"title", "summary" weren\'t supplied.')
    if (
        any(len(given.get(name) or "") > LARGEST_TEXT for name in ("summary", "text"))
        or len(given.get("annotations", ())) > 50
    ):
        raise Refused(422, "Validation Failed")
    annotations = tuple(
        Annotation(
            entry["path"],
            entry["start_line"],
            entry["end_line"],
            entry["annotation_level"],
            entry["message"],
            entry.get("title"),
        )
        for entry in given.get("annotations", ())
    )
    return CheckOutput(
        given.get("title") or before.title, given["summary"], given.get("text"), before.annotations + annotations
    )

"""The JSON of a webhook, built from what just happened."""

from app.demo.github.events import Event
from app.demo.github.installation import Installation
from app.demo.github.payloads.checks import check_run_hook_json, check_suite_json, merge_group_json, status_hook_json
from app.demo.github.payloads.conversations import comment_json, issue_json, label_json, pull_request_json
from app.demo.github.payloads.git import push_json
from app.demo.github.payloads.people import Json, installation_json, node_id, user_json
from app.demo.github.payloads.repositories import (
    pushed_repository_json,
    repository_json,
    short_repository_json,
)
from app.demo.github.repository import Repository


def webhook_payload(event: Event, installation: Installation) -> Json:
    payload: Json = {} if event.action is None else {"action": event.action}
    if event.repository is None:
        payload |= _installation_payload(event, installation)
    else:
        payload |= _subject_payload(event, event.repository)
        payload["repository"] = (
            pushed_repository_json(event.repository) if event.name == "push" else repository_json(event.repository)
        )
        payload["installation"] = {
            "id": installation.id,
            "node_id": node_id("IntegrationInstallation", installation.id),
        }
    payload["sender"] = user_json(installation.github, event.sender)
    return payload


def _subject_payload(event: Event, repository: Repository) -> Json:
    subject, details = event.subject, event.details
    labelled = {"label": label_json(repository, event.label)} if event.label else {}
    match event.name:
        case "pull_request":
            pull = pull_request_json(subject, mergeable_known=False)
            return {"number": subject.number, "pull_request": pull} | labelled | details
        case "issues":
            return {"issue": issue_json(subject)} | labelled | details
        case "issue_comment":
            return {"issue": issue_json(event.parent), "comment": comment_json(repository, subject)} | details
        case "check_run":
            return {"check_run": check_run_hook_json(repository, subject)} | details
        case "check_suite":
            return {"check_suite": check_suite_json(repository, subject)}
        case "merge_group":
            return {"merge_group": merge_group_json(subject)} | details
        case "status":
            return status_hook_json(repository, subject)
        case "label":
            return {"label": label_json(repository, subject)}
        case "push":
            return push_json(repository, by=event.sender, **details)
        case "repository" if "former_owner" in details:
            former = user_json(repository.github, details["former_owner"])
            return {"changes": {"owner": {"from": {"user": former}}}}
        case "repository":
            return details
    raise ValueError(f"no payload for {event.name}")


def _installation_payload(event: Event, installation: Installation) -> Json:
    payload: Json = {"installation": installation_json(installation.github, installation), "requester": None}
    if event.name == "installation":
        listed = [short_repository_json(repository) for repository in installation.repositories]
        return payload | {"repositories": listed}
    added, removed = event.details["added"], event.details["removed"]
    return payload | {
        "repository_selection": "selected",
        "repositories_added": [short_repository_json(repository) for repository in added],
        "repositories_removed": [short_repository_json(repository) for repository in removed],
    }

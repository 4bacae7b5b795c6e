"""Repositories, the roles of people in them, the rules of their branches."""

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.model import Refused
from app.demo.github.payloads.people import Json
from app.demo.github.payloads.repositories import full_repository_json, role_json

routes = Routes()

METADATA = needs("metadata:read")


@routes.get("/repos/{owner}/{repo}/collaborators/{username}/permission", METADATA)
def get_role(call: Call) -> Answer:
    body = role_json(call.repository, call.params["username"])
    if body is None:
        raise Refused(404, f"{call.params['username']} is not a user")
    return Answer(body=body)


@routes.get("/repos/{owner}/{repo}/rules/branches/{branch:path}", METADATA)
def list_branch_rules(call: Call) -> Answer:
    rule = call.repository.rules.get(call.params["branch"])
    if rule is None:
        return Answer(body=[])
    checks = []
    for context, app_id in rule.contexts:
        check: Json = {"context": context}
        checks.append(check if app_id is None else check | {"integration_id": app_id})
    parameters = {"strict_required_status_checks_policy": rule.strict, "required_status_checks": checks}
    body = {
        "type": "required_status_checks",
        "parameters": parameters,
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repository.full_name,
        "ruleset_id": call.repository.id,
    }
    return Answer(body=[body])


@routes.get("/repos/{owner}/{repo}", METADATA)
def get_repository(call: Call) -> Answer:
    return Answer(body=full_repository_json(call.repository))

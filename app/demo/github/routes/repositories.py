"""Repositories, the roles of people in them, the rules of their branches."""

from app.demo.github.calls import Answer, Call, Routes, needs
from app.demo.github.model import Refused
from app.demo.github.payloads.repositories import full_repository_json, role_json
from app.demo.github.payloads.rules import bypass_json, protection_json, rules_json, ruleset_json

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
    if rule is None or rule.classic:
        return Answer(body=[])
    ruleset = {
        "ruleset_source_type": "Repository",
        "ruleset_source": call.repository.full_name,
        "ruleset_id": call.repository.id,
    }
    return Answer(body=[found | ruleset for found in rules_json(rule)])


@routes.get("/repos/{owner}/{repo}/rulesets/{ruleset_id:int}", METADATA)
def get_ruleset(call: Call) -> Answer:
    """One ruleset a repository, with its id. Who may bypass it is shown to those who may write it."""
    repository = call.repository
    rules = {branch: rule for branch, rule in repository.rules.items() if not rule.classic}
    if not rules or int(call.params["ruleset_id"]) != repository.id:
        raise Refused(404, "Not Found")
    [(branch, rule)] = rules.items()
    body = ruleset_json(repository, branch, rule)
    if call.installation_token.may("administration", "write"):
        body["bypass_actors"] = bypass_json(rule)
    return Answer(body=body)


@routes.get("/repos/{owner}/{repo}/branches/{branch:path}/protection", needs("administration:read"))
def get_protection(call: Call) -> Answer:
    branch = call.params["branch"]
    rule = call.repository.rules.get(branch)
    if rule is None or not rule.classic:
        raise Refused(404, "Branch not protected")
    return Answer(body=protection_json(call.repository, branch, rule))


@routes.get("/repos/{owner}/{repo}", METADATA)
def get_repository(call: Call) -> Answer:
    return Answer(body=full_repository_json(call.repository))

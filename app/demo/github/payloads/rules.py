"""Rules of branches as JSON: rulesets and classic protection."""

from app.demo.github.model import RequiredChecks
from app.demo.github.payloads.people import Json, node_id
from app.demo.github.payloads.repositories import repository_url
from app.demo.github.repository import Repository


def rules_json(rule: RequiredChecks) -> list[Json]:
    checks = []
    for context, app_id in rule.contexts:
        check: Json = {"context": context}
        checks.append(check if app_id is None else check | {"integration_id": app_id})
    parameters = {"strict_required_status_checks_policy": rule.strict, "required_status_checks": checks}
    required = {"type": "required_status_checks", "parameters": parameters}
    signed = [{"type": "required_signatures"}] if rule.signatures else []
    if not rule.merge_queue:
        return [required, *signed]
    queue = {
        "check_response_timeout_minutes": 60,
        "grouping_strategy": "ALLGREEN",
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "merge_method": "SQUASH",
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }
    return [required, *signed, {"type": "merge_queue", "parameters": queue}]


def bypass_json(rule: RequiredChecks) -> list[Json]:
    return [
        {"actor_type": actor_type, "actor_id": actor_id, "bypass_mode": mode}
        for actor_type, actor_id, mode in rule.bypass
    ]


def ruleset_json(repository: Repository, branch: str, rule: RequiredChecks) -> Json:
    """Without who may bypass it."""
    return {
        "id": repository.id,
        "name": f"protect {branch}",
        "target": "branch",
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [f"refs/heads/{branch}"], "exclude": []}},
        "rules": rules_json(rule),
        "node_id": node_id("RepositoryRuleset", repository.id),
    }


def protection_json(repository: Repository, branch: str, rule: RequiredChecks) -> Json:
    url = f"{repository_url(repository)}/branches/{branch}/protection"
    checks = [{"context": context, "app_id": app_id} for context, app_id in rule.contexts]
    return {
        "url": url,
        "required_status_checks": {
            "url": f"{url}/required_status_checks",
            "strict": rule.strict,
            "contexts": [check["context"] for check in checks],
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": checks,
        },
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.enforce_admins},
    }

"""The App itself: installations, tokens, its webhook deliveries, the rate limit."""

from datetime import UTC, timedelta

from app.demo.github.calls import Answer, Call, Routes
from app.demo.github.installation import Installation
from app.demo.github.model import Refused
from app.demo.github.payloads.people import Json, app_json, installation_json, timestamp
from app.demo.github.payloads.repositories import repository_json
from app.demo.github.repository import Repository
from app.demo.github.webhooks import Attempt

routes = Routes()

KEPT = timedelta(days=3)
"""How long deliveries can be seen and repeated."""
READ_ONLY_ROLE = {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True}


@routes.get("/app", by_app=True)
def get_app(call: Call) -> Answer:
    count = len(call.github.installations)
    return Answer(body=app_json(call.github, call.the_app) | {"installations_count": count})


@routes.get("/app/installations", by_app=True)
def list_installations(call: Call) -> Answer:
    return call.page(list(call.github.installations.values()), lambda one: _listed_installation_json(call, one))


@routes.get("/app/installations/{installation_id:int}", by_app=True)
def get_installation(call: Call) -> Answer:
    return Answer(body=installation_json(call.github, _installation(call)))


@routes.post("/app/installations/{installation_id:int}/access_tokens", by_app=True)
def create_token(call: Call) -> Answer:
    installation = _installation(call)
    if installation.suspended_at is not None:
        raise Refused(403, "This installation has been suspended")
    permissions = call.fields.get("permissions")
    chosen = _chosen_repositories(call, installation)
    token = call.github.tokens.issue(installation, permissions=permissions, repositories=chosen)
    body: Json = {
        "token": token.token,
        "expires_at": timestamp(token.expires_at),
        "permissions": dict(token.permissions),
        "repository_selection": "selected",
    }
    if chosen is not None:
        body["repositories"] = [repository_json(repository) for repository in token.visible()]
    return Answer(201, body)


@routes.get("/repos/{owner}/{repo}/installation", by_app=True)
def get_repository_installation(call: Call) -> Answer:
    for installation in call.github.installations_of(call.repository):
        return Answer(body=installation_json(call.github, installation))
    raise Refused(404, "Not Found")


@routes.get("/installation/repositories")
def list_repositories(call: Call) -> Answer:
    def show(repository: Repository) -> Json:
        return repository_json(repository) | {"permissions": READ_ONLY_ROLE}

    answer = call.page(call.installation_token.visible(), show, wrap="repositories")
    answer.body["repository_selection"] = "selected"
    return answer


@routes.get("/rate_limit")
def get_rate_limit(call: Call) -> Answer:
    rate = call.github.limits.status(call.installation_token)
    searching = rate | {"limit": 30, "remaining": 30, "used": 0, "resource": "search"}
    return Answer(body={"resources": {"core": rate, "search": searching}, "rate": rate})


@routes.get("/app/hook/deliveries", by_app=True)
def list_deliveries(call: Call) -> Answer:
    """Youngest first, those of three days; `cursor` is the id of the last one seen."""
    kept = [attempt for attempt in call.github.webhooks.attempts if attempt.delivered_at > call.github.now() - KEPT]
    attempts = sorted(kept, key=lambda attempt: attempt.id, reverse=True)
    if wanted := call.first("status"):
        attempts = [attempt for attempt in attempts if attempt.succeeded == (wanted == "success")]
    if cursor := call.first("cursor"):
        attempts = [attempt for attempt in attempts if attempt.id < int(cursor)]
    size = min(int(call.first("per_page", "30")), 100)
    page = attempts[:size]
    headers = {}
    if len(attempts) > size:
        url = f"{call.base_url}{call.path}?per_page={size}&cursor={page[-1].id}"
        headers["link"] = f'<{url}>; rel="next"'
    return Answer(body=[_delivery_json(attempt) for attempt in page], headers=headers)


@routes.post("/app/hook/deliveries/{delivery_id:int}/attempts", by_app=True)
def redeliver(call: Call) -> Answer:
    if not call.github.webhooks.redeliver(int(call.params["delivery_id"]), since=call.github.now() - KEPT):
        raise Refused(404, "Not Found")
    return Answer(202, {})


def _installation(call: Call) -> Installation:
    installation = call.github.installations.get(int(call.params["installation_id"]))
    if installation is None:
        raise Refused(404, "Not Found")
    return installation


def _listed_installation_json(call: Call, installation: Installation) -> Json:
    """GitHub's description of this list asks for an account that is a user and an enterprise in one."""
    payload = installation_json(call.github, installation)
    login, since = installation.account.login, timestamp(installation.created_at)
    payload["account"] |= {"name": login, "slug": login, "created_at": since, "updated_at": since}
    return payload


def _chosen_repositories(call: Call, installation: Installation) -> list[Repository] | None:
    ids, names = call.fields.get("repository_ids"), call.fields.get("repositories")
    if ids is None and names is None:
        return None
    chosen = [
        repository
        for repository in installation.repositories
        if repository.id in (ids or ()) or repository.name in (names or ())
    ]
    if len(chosen) < len({*(ids or ()), *(names or ())}):
        raise Refused(
            422, "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return chosen


def _delivery_json(attempt: Attempt) -> Json:
    delivery = attempt.delivery
    return {
        "id": attempt.id,
        "guid": delivery.guid,
        "delivered_at": attempt.delivered_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "redelivery": delivery.redelivery,
        "duration": round(attempt.duration, 2),
        "status": attempt.status,
        "status_code": attempt.status_code,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation_id,
        "repository_id": delivery.repository_id,
        "throttled_at": None,
    }

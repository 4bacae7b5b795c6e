"""The OpenAPI document: FastAPI's own, with errors as `application/problem+json`."""

from typing import Any

from fastapi import FastAPI

_ABOUT = (
    "The admin API of fluxmig, which keeps Renovate's pull requests in the order in which a Flux cluster can take "
    "them. Send the admin token as `Authorization: Bearer …`. Errors are problem documents (RFC 9457) with one "
    "sentence. Lists that grow come in pages: send `next` of one page as `cursor` of the following request."
)

_TAGS = [
    {"name": "repositories", "description": "Repositories, their plan and graph."},
    {"name": "pull requests", "description": "Verdicts, and what they rest on."},
    {"name": "milestones", "description": "Migrations as people plan them, judged by what is known."},
    {"name": "clusters", "description": "Clusters that may tell fluxmig what they run."},
    {"name": "deliveries", "description": "The inbox of GitHub's webhooks."},
    {"name": "webhooks", "description": "Where GitHub and Flux post what happened. Signed, not by the admin token."},
]


def describe(app: FastAPI) -> None:
    """Let `app` serve the document of its REST API and of the webhooks that it takes."""
    app.description = _ABOUT
    app.openapi_tags = _TAGS
    make = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = make()
            for item in document["paths"].values():
                for operation in item.values():
                    _as_problems(operation["responses"])
            for unused in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(unused, None)
        assert app.openapi_schema is not None
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _as_problems(responses: dict[str, Any]) -> None:
    """Errors are problem documents; FastAPI's own 422, which it adds where we name none, never occurs."""
    for status, response in list(responses.items()):
        json = response.get("content", {}).get("application/json")
        if status < "400" or json is None:
            continue
        if json["schema"].get("$ref", "").endswith("/HTTPValidationError"):
            del responses[status]
        else:
            response["content"] = {"application/problem+json": json}

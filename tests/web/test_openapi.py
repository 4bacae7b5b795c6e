"""The OpenAPI document is complete: what is served is described, with examples and errors."""

import json
from typing import Any

import httpx
import jsonschema_rs
import pytest
from fastapi import FastAPI

from app.services.context import AppContext
from tests.web.seed import seed_story
from tests.web.test_api import HOME, ROUTES


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in document["paths"].items()
        if path.startswith("/api/v1/")
        for method, operation in item.items()
    ]


def test_every_operation_is_described_with_its_errors(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) == len(ROUTES)
    for path, method, operation in found:
        name = f"{method} {path}"
        assert operation["summary"], name
        assert len(operation["description"]) > 40, name
        assert operation["tags"], name
        assert operation["security"] == [{"HTTPBearer": []}], name
        wanted = {"401", "422", "503"} | ({"404"} if "{" in path else set())
        assert wanted <= operation["responses"].keys(), name
        for status, response in operation["responses"].items():
            if status >= "400":
                assert list(response["content"]) == ["application/problem+json"], name
            elif status != "204":
                (content,) = response["content"].values()  # JSON, or Markdown for an export
                assert content["schema"], name
        for parameter in operation.get("parameters", []):
            assert parameter["description"], f"{name} {parameter['name']}"


def test_every_schema_says_what_it_is_and_leaves_nothing_out(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        if schema["type"] != "object":
            continue
        assert schema.get("description"), name
        if not name.endswith("In"):
            assert sorted(schema["required"]) == sorted(schema["properties"]), name


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(set(ids)) == len(ids)


async def test_it_is_served_without_a_token_and_without_secrets(client: httpx.AsyncClient, context: AppContext) -> None:
    answer = await client.get("/api/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "fluxmig"
    assert context.settings.admin_token.get_secret_value() not in answer.text


async def test_answers_are_what_the_document_promises(
    api: httpx.AsyncClient, context: AppContext, document: dict[str, Any]
) -> None:
    async with context.database.transaction() as session:
        await seed_story(session, merged=True)
    answers = {
        "/api/v1/repositories": "/repositories",
        "/api/v1/repositories/{owner}/{name}": HOME,
        "/api/v1/repositories/{owner}/{name}/graph": f"{HOME}/graph",
        "/api/v1/repositories/{owner}/{name}/audit": f"{HOME}/audit",
        "/api/v1/repositories/{owner}/{name}/pulls": f"{HOME}/pulls",
        "/api/v1/repositories/{owner}/{name}/pulls/{number}": f"{HOME}/pulls/34",
        "/api/v1/repositories/{owner}/{name}/clusters": f"{HOME}/clusters",
        "/api/v1/repositories/{owner}/{name}/clusters/{cluster}": f"{HOME}/clusters/home",
        "/api/v1/deliveries": "/deliveries",
    }
    for path, address in answers.items():
        answer = await api.get(address)
        promised = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = json.loads(json.dumps({**promised, "components": document["components"]}))
        jsonschema_rs.Draft202012Validator(whole).validate(answer.json())

"""Errors for programs: `application/problem+json` (https://www.rfc-editor.org/rfc/rfc9457), one sentence each."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field


class ProblemDetail(Exception):
    """Raise it where a request cannot be answered; `detail` is a sentence for the person who sent it."""

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


class FieldFault(BaseModel):
    """What is wrong with one field of the request."""

    field: str = Field(description="where: `query.limit`, `body.scope`", examples=["query.limit"])
    fault: str = Field(description="what is wrong", examples=["Input should be less than or equal to 100"])


class Problem(BaseModel):
    """The body of every error."""

    type: str = Field(description="always `about:blank`: the status says the kind", examples=["about:blank"])
    title: str = Field(description="the name of the status", examples=["Not Found"])
    status: int = Field(description="the HTTP status", examples=[404])
    detail: str = Field(
        description="one sentence: what is wrong and what one can do",
        examples=["fluxmig has not seen the repository octocat/homelab. Is the App installed on it?"],
    )
    faults: list[FieldFault] = Field(description="for 422: the fields that are wrong; empty otherwise", examples=[[]])


_DESCRIPTIONS = {
    400: "The request cannot be understood.",
    401: "The bearer token is missing or wrong.",
    404: "There is no such thing, or fluxmig has not seen it.",
    409: "What is asked for contradicts what is there.",
    413: "The body is too large.",
    422: "A parameter or a field of the body is wrong; `faults` lists them.",
    503: "The database cannot be reached; try again in a moment.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route that may answer with these errors; 401, 422 and 503 are always among them."""
    return {
        status: {"model": Problem, "description": _DESCRIPTIONS[status]}
        for status in sorted({401, 422, 503, *statuses})
    }


def problem_response(
    status: int, detail: str, *, faults: list[FieldFault] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    body = Problem(
        type="about:blank", title=HTTPStatus(status).phrase, status=status, detail=detail, faults=faults or []
    )
    return JSONResponse(
        body.model_dump(), status_code=status, headers=dict(headers or {}), media_type="application/problem+json"
    )


def field_faults(error: RequestValidationError) -> list[FieldFault]:
    return [
        FieldFault(field=".".join(str(part) for part in fault["loc"]), fault=str(fault["msg"]))
        for fault in error.errors()
    ]

"""What OpenAPI cannot see for itself: the body of a run, the trace, and problem documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from app.problems import MEDIA_TYPE
from app.runs import RunRequest

REF = "#/components/schemas/"
TROUBLE = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("where", "what", "instead")},
    "required": ["where", "what", "instead"],
}
PROBLEM_SCHEMA = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": TROUBLE},
    },
    "required": ["type", "title", "status", "detail", "errors"],
}
PROBLEM: dict[str, Any] = {
    "description": "a problem document (RFC 9457), in English",
    "content": {MEDIA_TYPE: {"schema": {"$ref": REF + "Problem"}}},
}
OBJECT = {"application/json": {"schema": {"type": "object"}}}
TRACE: dict[str, Any] = {
    "description": "the trace",
    "headers": {"ETag": {"schema": {"type": "string"}}},
    "content": OBJECT,
}
KEPT: dict[int | str, dict[str, Any]] = {
    304: {"description": "the client has this already, by the ETag in its If-None-Match"}
}
"""What may come in place of an answer that has an ETag."""

WITH_ID = {404: "there is nothing of this name here"}
WITH_BODY = {
    400: "the body is not JSON",
    403: "a page of another site sent this",
    408: "the body took too long to arrive",
    413: "the body is larger than is read",
    415: "the body has a Content-Encoding; nothing is unpacked",
    422: "the request has not the right form, or what it asks for cannot be done",
    429: "too many requests from one place",
    503: "too many are waiting already, or this took too long",
}
"""What stands before every route of a kind, and may answer in its stead."""

LATER = (429, 503)
RETRY = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "seconds; where it is known"}
}
SECRETS = {"delete_token": {"type": "http", "scheme": "bearer"}}
"""What making a link told, for who wants to delete it."""


def refusals(why: Mapping[int, str]) -> dict[int | str, dict[str, Any]]:
    """Problem documents by status, and when each comes."""
    found: dict[int | str, dict[str, Any]] = {}
    for status, sentence in why.items():
        found[status] = {**PROBLEM, "description": sentence}
        if status in LATER:
            found[status]["headers"] = RETRY
    return found


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that a route reads by itself."""
    schema = model.model_json_schema(ref_template=REF + "{model}")
    EXTRA.update(schema.pop("$defs", {}))
    EXTRA[model.__name__] = schema
    body = {"application/json": {"schema": {"$ref": REF + model.__name__}}}
    return {"requestBody": {"required": True, "content": body}}


EXTRA: dict[str, Any] = {}
"""Schemas that routes of other modules have asked for."""

RUN_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": REF + "RunRequest"}}},
    }
}


def install(app: FastAPI) -> None:
    """Make `app` describe itself with the schemas above included."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            complete(plain())
        return plain()

    setattr(app, "openapi", openapi)  # noqa: B010 (FastAPI's own way; mypy forbids the assignment)


def complete(document: dict[str, Any]) -> None:
    """Add the schemas, the secrets, and what may come before a route is reached."""
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(schemas())
    components["securitySchemes"] = SECRETS
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _refuse(operation, WITH_ID if "{" in path else {})


def _refuse(operation: dict[str, Any], why: dict[int, str]) -> None:
    """Add what can come before an operation does, but for what it tells by itself."""
    if "requestBody" in operation:
        why = {**why, **WITH_BODY}
    for status, told in refusals(why).items():
        operation["responses"].setdefault(str(status), told)


def schemas() -> dict[str, Any]:
    """The schemas that routes refer to by name."""
    request = RunRequest.model_json_schema(ref_template=REF + "{model}")
    parts = request.pop("$defs", {})
    return {**EXTRA, **parts, "RunRequest": request, "Problem": PROBLEM_SCHEMA}

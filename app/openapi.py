"""What OpenAPI cannot see for itself: the body of a run, the trace, and problem documents."""

from __future__ import annotations

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
TRACE: dict[str, Any] = {
    "description": "the trace",
    "headers": {"ETag": {"schema": {"type": "string"}}},
    "content": {"application/json": {"schema": {"type": "object"}}},
}


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
        document = plain()
        document.setdefault("components", {}).setdefault("schemas", {}).update(schemas())
        return document

    setattr(app, "openapi", openapi)  # noqa: B010 (FastAPI's own way; mypy forbids the assignment)


def schemas() -> dict[str, Any]:
    """The schemas that routes refer to by name."""
    request = RunRequest.model_json_schema(ref_template=REF + "{model}")
    parts = request.pop("$defs", {})
    return {**EXTRA, **parts, "RunRequest": request, "Problem": PROBLEM_SCHEMA}

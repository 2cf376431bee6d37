"""`/api`: the OpenAPI document as a page for people, and what each problem means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse

from ideenweg.web.api.app import PREFIX, Api
from ideenweg.web.api.problems import KINDS
from ideenweg.web.routes import get
from ideenweg.web.site import site_of

DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand in an address or header."""

    name: str
    where: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. scope: what a token needs for it; None: none is needed."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str | None
    parameters: tuple[Parameter, ...]
    sent: str | None
    answered: str
    status: str
    problems: tuple[str, ...]


def page(request: Request) -> HTMLResponse:
    """The reference."""
    document = cast(Api, request.app.state.api).openapi()
    operations = list(_operations(document))
    tags = [
        (tag["name"], tag["description"], [one for name, one in operations if name == tag["name"]])
        for tag in document["tags"]
    ]
    return site_of(request).page(
        request,
        "api.html",
        version=document["info"]["version"],
        paragraphs=_paragraphs(document["info"]["description"]),
        tags=tags,
        kinds=list(KINDS.values()),
    )


def example_of(document: Mapping[str, Any], schema: Mapping[str, Any], *, sparing: bool, depth: int = 0) -> Any:
    """An example of what a schema describes, made of the examples of its parts.

    sparing: without what may be left out and has no example of its own.
    """

    def example(part: Mapping[str, Any], deeper: int = 0) -> Any:
        return example_of(document, part, sparing=sparing, depth=depth + deeper)

    if "$ref" in schema:
        return example(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if schema.get("examples"):
        return schema["examples"][0]
    for one in schema.get("anyOf", ()):
        return example(one)
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object" if depth < DEEPEST:
            needed = schema.get("required", ())
            return {
                name: example(one, 1)
                for name, one in schema.get("properties", {}).items()
                if not sparing or name in needed or "examples" in one
            }
        case "array" if depth < DEEPEST:
            return [example(schema["items"], 1)]
        case "string":
            return {"date": "2026-06-09", "date-time": "2026-06-09T14:00:00+02:00"}.get(schema.get("format", ""), "…")
        case "boolean":
            return False
        case "integer" | "number":
            return 1
    return {}


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, operations in document["paths"].items():
        for method, one in operations.items():
            status, answer = next((key, value) for key, value in one["responses"].items() if key.startswith("20"))
            scopes = [scope for way in one.get("security", ()) for scope in way.get("token", ())]
            yield (
                one["tags"][0],
                Operation(
                    one["operationId"],
                    method.upper(),
                    PREFIX + path,
                    one["summary"],
                    one["description"].split("\n\nNeeds a token")[0],
                    scopes[0] if scopes else None,
                    tuple(_parameter(each) for each in one.get("parameters", ())),
                    _written(document, one["requestBody"], sparing=True) if "requestBody" in one else None,
                    _written(document, answer, sparing=False),
                    status,
                    tuple(key for key in one["responses"] if key.startswith(("4", "5"))),
                ),
            )


def _parameter(one: Mapping[str, Any]) -> Parameter:
    description = one.get("description") or one["schema"].get("description", "")
    return Parameter(one["name"], one["in"], one.get("required", False), description)


def _written(document: Mapping[str, Any], body: Mapping[str, Any], *, sparing: bool) -> str:
    """An example of what is sent or answered; where that is no JSON, the type of what it is instead."""
    kinds = body.get("content", {})
    if "application/json" not in kinds:
        return ", ".join(kinds)
    schema = kinds["application/json"]["schema"]
    return json.dumps(example_of(document, schema, sparing=sparing), ensure_ascii=False, indent=2)


def _paragraphs(text: str) -> list[tuple[str, str]]:
    """The paragraphs of the description, each with the words in bold that it begins with."""
    found = []
    for part in text.strip().split("\n\n"):
        plain = " ".join(part.replace("`", "").split("\n"))
        lead, _, rest = plain.removeprefix("**").partition("**") if plain.startswith("**") else ("", "", plain)
        found.append((lead, rest.strip()))
    return found


ROUTES = (get("/api", page),)

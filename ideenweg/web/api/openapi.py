"""The OpenAPI document: what FastAPI finds in the routes, and every answer that a call can get besides the good one."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from ideenweg.web.api.problems import KINDS, Kind, ProblemModel

DESCRIPTION = """\
Other programs of a city hand in ideas, read them, move them on, and keep their history, with the rights of the person
whose token they use. Without a token everybody reads what is released.

**Tokens.** `Authorization: Bearer idw_…`; `ideenweg token add EMAIL --scope read` makes one. A session cookie of the
pages opens nothing here.

**Once.** Every request that changes something takes an `Idempotency-Key`: sent again under it, it happens once.

**Nobody overwritten.** An item's `ETag` is its revision; with `If-Match` a change happens only if it is still that.

**Pages.** Lists give `next`; ask again with `cursor` set to it, or follow the `Link` header. A cursor ends at null.

**Problems.** Every answer that is not good is a problem document (RFC 9457) whose `blockers` name each reason, in
German and English, with a code that stays the same.

**Times** have the offset of the programme's zone; days are days of that zone.
"""

TAGS = [
    {"name": "items", "description": "Ideas, projects and whatever else lives through a lifecycle."},
    {"name": "exchange", "description": "Files for others and from them: project sheets, packages, papers, sessions."},
    {"name": "deadlines", "description": "What is due, more time for it, and reminders of one's own."},
    {"name": "worklist", "description": "What somebody has to do."},
    {"name": "rules", "description": "Lifecycles and vocabularies, as the installation's files say them. Public."},
    {
        "name": "history",
        "description": "The whole history, for administrators: scope `audit`; its checkpoint, for everybody.",
    },
    {
        "name": "webhooks",
        "description": "Programs that are called with each notice, for administrators: scope `admin`.",
    },
    {"name": "persons", "description": "People, roles and deputies, for administrators: scope `admin`."},
]

PROBLEM = "application/problem+json"
ETAG = {"description": "The revision of the item, in quotes; of a public answer a mark of its content."}
NEXT = {"description": '`<…>; rel="next"`: the next page, where there is one.'}
WAIT = {"description": "Seconds to wait before the next try."}
HEADERS = {
    401: {"WWW-Authenticate": {"description": "`Bearer`, and what is the matter with the token (RFC 6750)."}},
    405: {"Allow": {"description": "What can be done here."}},
    429: {"Retry-After": WAIT},
    503: {"Retry-After": WAIT},
}


def document_of(api: FastAPI, prefix: str) -> dict[str, Any]:
    """The document of `api`, for servers under `prefix`."""
    document = get_openapi(
        title=api.title,
        version=api.version,
        summary=api.summary,
        description=api.description,
        routes=api.routes,
        tags=api.openapi_tags,
        servers=[{"url": prefix, "description": "This installation."}],
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    _complete(document)
    return document


def _complete(document: dict[str, Any]) -> None:
    components = document["components"]
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    _, problems = models_json_schema([(ProblemModel, "serialization")], ref_template="#/components/schemas/{model}")
    components["schemas"] |= problems["$defs"]
    components["responses"] = {f"Problem{status}": _answer(status) for status in sorted(_by_status())}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _describe(path, method, operation)


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)  # what FastAPI would say itself
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
    needed = [scope for one in operation.get("security", ()) for scope in one.get("token", ())]
    for status in sorted(_statuses(path, method, operation, needed)):
        answers[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if not needed:
        operation["security"] = [{}, {"token": []}]
        answers["304"] = {"description": "Without a token: still as `If-None-Match` says.", "headers": {"ETag": ETAG}}
    else:
        operation["description"] += f"\n\nNeeds a token with the scope `{needed[0]}`."
    for status, answer in answers.items():
        if status in ("200", "201"):
            headers = answer.setdefault("headers", {})
            headers["ETag"] = ETAG
            if any(one["name"] == "cursor" for one in operation.get("parameters", ())):
                headers["Link"] = NEXT


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """What may be left out of an address or header is absent there, and not null."""
    ways = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(ways) != 1:
        return schema
    return {**ways[0], **{name: value for name, value in schema.items() if name != "anyOf"}}


def _statuses(path: str, method: str, operation: dict[str, Any], needed: list[str]) -> set[int]:
    """What else a call of the operation can be answered with."""
    found = {400, 401, 403, 429, 503} | {int(one) for one in operation["responses"] if int(one) >= 400}
    if "{" in path:
        found.add(404)
    if method in ("post", "delete"):
        found |= {409, 422}
    if "requestBody" in operation:
        found |= {413, 415}
    if any(one["name"] == "If-Match" for one in operation.get("parameters", ())):
        found.add(412)
    return found


def _by_status() -> dict[int, list[Kind]]:
    found: dict[int, list[Kind]] = {}
    for kind in KINDS.values():
        if kind.status not in (405, 500):
            found.setdefault(kind.status, []).append(kind)
    return found


def _answer(status: int) -> dict[str, Any]:
    kinds = _by_status()[status]
    return {
        "description": " ".join(one.title for one in kinds),
        "content": {
            PROBLEM: {
                "schema": {"$ref": "#/components/schemas/ProblemModel"},
                "example": {
                    "type": f"/api#{kinds[0].key}",
                    "title": kinds[0].title,
                    "status": status,
                    "detail": kinds[0].title,
                    "instance": "/api/v1/items/2026-0147",
                    "blockers": [],
                    "current": None,
                },
            }
        },
        **({"headers": HEADERS[status]} if status in HEADERS else {}),
    }

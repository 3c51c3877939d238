"""The OpenAPI document of the API, made from the tables that answer; and the page that shows it to people."""

from collections.abc import Iterable
from importlib.metadata import version

from dashboard.v1.endpoints import JSON, Endpoint
from dashboard.v1.inputs import Input
from dashboard.v1.kinds import Names, Schema
from dashboard.v1.schemas import ERROR, TEXT
from dashboard.v1.vocabulary import DIMENSIONS, METRICS
from sql.entries import TOKEN_SCOPES

INFO = {
    "title": "Pegel",
    "description": (
        "Numbers about websites. Every request needs a token in the Authorization header; `pegel token add` makes one, "
        "and `--scope` limits what it may do. A refusal is JSON with a code for programs, a message and a hint."
    ),
}
REFUSED: dict[str, str] = {
    "400": "A parameter cannot be understood; `parameter` says which.",
    "401": "There is no token, or it is nobody's.",
    "403": "The token lacks the scope, or the site's privacy policy forbids it.",
    "404": "There is no such site that the token may see.",
    "413": "The body is larger than any question.",
    "429": "The token was used too often; Retry-After says when to come back.",
    "503": "The database is away, too many ask at once, or the question would take too much. Nothing partial is sent.",
}
LIMIT_HEADERS = {
    "RateLimit": "How many requests are left, and in how many seconds all are back.",
    "RateLimit-Policy": "How many requests a token may make in how many seconds.",
}


def document(endpoints: Iterable[Endpoint], server: str) -> Schema:
    """Return the document; `server` is the path under which the endpoints stand."""
    return {
        "openapi": "3.1.0",
        "info": {**INFO, "version": version("pegel")},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": {endpoint.path: operations(endpoint) for endpoint in endpoints},
        "components": {
            "schemas": {"Error": ERROR},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def operations(endpoint: Endpoint) -> Schema:
    found = {"get": operation(endpoint, "")}
    if endpoint.also_post:
        found["post"] = operation(endpoint, "Post")
    return found


def operation(endpoint: Endpoint, suffix: str) -> Schema:
    in_path = [entry for entry in endpoint.inputs if entry.name in endpoint.in_path]
    others = [entry for entry in endpoint.inputs if entry.name not in endpoint.in_path]
    by_address = [] if suffix else [parameter(entry, "query") for entry in others]
    body = {"requestBody": {"required": True, "content": {JSON: {"schema": body_of(others)}}}} if suffix else {}
    return {
        "operationId": f"{endpoint.name}{suffix}",
        "summary": endpoint.title,
        "description": f"{endpoint.meaning} Scope: `{endpoint.scope}`.",
        "parameters": [*(parameter(entry, "path") for entry in in_path), *by_address],
        **body,
        "responses": responses(endpoint),
    }


def parameter(entry: Input, where: str) -> Schema:
    style = {"style": "form", "explode": False} if isinstance(entry.kind, Names) else {}
    required = entry.required or where == "path"
    return {
        **{"name": entry.name, "in": where, "required": required, "description": entry.meaning},
        **{"schema": entry.schema, **style},
    }


def body_of(inputs: list[Input]) -> Schema:
    return {
        "type": "object",
        "properties": {entry.name: {**entry.schema, "description": entry.meaning} for entry in inputs},
        "required": [entry.name for entry in inputs if entry.required],
        "additionalProperties": False,
    }


def responses(endpoint: Endpoint) -> Schema:
    headers = {**LIMIT_HEADERS, **endpoint.headers}
    content = {kind: {"schema": endpoint.schema if kind == JSON else {}} for kind in endpoint.media_types}
    refused = {"$ref": "#/components/schemas/Error"}
    return {
        "200": {
            "description": "The answer.",
            "headers": {name: {"description": meaning, "schema": TEXT} for name, meaning in headers.items()},
            "content": content,
        },
        **{
            status: {"description": meaning, "content": {JSON: {"schema": refused}}}
            for status, meaning in REFUSED.items()
        },
    }


def page(endpoints: Iterable[Endpoint], server: str) -> dict[str, object]:
    """Return what the page for people shows: the same tables."""
    asked = {"metrics": list(METRICS.values()), "dimensions": list(DIMENSIONS.values())}
    return {"endpoints": list(endpoints), "server": server, "refusals": REFUSED, "scopes": TOKEN_SCOPES, **asked}

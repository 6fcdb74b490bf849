"""The description of the programming interface in OpenAPI 3.1, made from the tables themselves."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from tracker.queries.slices import BIGGEST, Column, Extract, Type, filters_of, has_history

VERSION = "1.0.0"
STABILITY = (
    "Tables and columns of version 1 are not renamed or taken away; new ones may come. Rows come in the order in which "
    "they were stored. `next` leads to the following page and is to be followed as it is. ETag and If-None-Match spare "
    "the body while the data are the same. Each fact names its source; the sources' licences are in the table "
    "`sources`, and want their attribution."
)
SCHEMAS: Mapping[Type, Mapping[str, Any]] = {
    Type.STRING: {"type": "string"},
    Type.NUMBER: {"type": "number"},
    Type.INTEGER: {"type": "integer"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.DATETIME: {"type": "string", "format": "date-time"},
    Type.OBJECT: {"type": ["object", "array"]},
}
BOUNDS: Mapping[Type, Mapping[str, Any]] = {
    Type.INTEGER: {"minimum": -BIGGEST, "maximum": BIGGEST},
    Type.STRING: {"pattern": "^[^\\u0000]*$"},
}


def description(tables: Mapping[str, Extract], *, default_limit: int, max_limit: int) -> dict[str, Any]:
    """The whole document, for the tables as `queries.slices.tables` gives them."""
    paging = [
        _parameter("limit", "Rows on a page.", type="integer", minimum=1, maximum=max_limit, default=default_limit),
        _parameter("cursor", "Where to go on; from `next`.", type="integer", minimum=0, maximum=BIGGEST),
    ]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AI Landscape",
            "version": VERSION,
            "summary": "Releases, scores, prices, licences of AI models, and how far open ones trail closed ones.",
            "description": STABILITY,
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": "tables", "description": "The public data set."}],
        "paths": {
            reverse("api-index"): {"get": _reading("listTables", "Every table.", "Tables", [])},
            **{
                reverse("api-table", args=[name]): {
                    "get": _reading(
                        f"list_{name}",
                        extract.table.about,
                        f"{name}_page",
                        [*paging, *(_times() if has_history(extract) else []), *_filters(extract)],
                    )
                }
                for name, extract in tables.items()
            },
        },
        "components": {
            "schemas": {
                "Problem": _problem(),
                "Tables": _index(),
                **{f"{name}_page": _page(extract) for name, extract in tables.items()},
            }
        },
    }


def _parameter(name: str, about: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "required": False, "schema": schema}


def _times() -> list[dict[str, Any]]:
    return [
        _parameter("as_of", "Only what was known at the end of that day, UTC.", type="string", format="date"),
        _parameter("history", "Also what has been superseded. Not together with as_of.", type="boolean"),
    ]


def _filters(extract: Extract) -> list[dict[str, Any]]:
    found = []
    for name, column in filters_of(extract).items():
        end = "" if name == column.name else " At least this." if name.endswith("_min") else " At most this."
        schema = {**SCHEMAS[column.type], **BOUNDS.get(column.type, {})}
        found.append(_parameter(name, f"{column.about}{end}", **schema))
    return found


def _reading(operation: str, about: str, schema: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        "operationId": operation,
        "tags": ["tables"],
        "summary": about,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "Rows.",
                "headers": {
                    "ETag": {"description": "Changes when the data do.", "schema": {"type": "string"}},
                    "Link": {
                        "description": "rel=next, where there is more; rel=license to whom to credit.",
                        "schema": {"type": "string"},
                    },
                },
                "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
            },
            "304": {"description": "Not changed since the ETag in If-None-Match."},
            "400": {"description": "A parameter that cannot be meant.", "content": problem},
            "503": {
                "description": "The database does not answer just now.",
                "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
                "content": problem,
            },
        },
    }


def _cell(column: Column) -> dict[str, Any]:
    schema = dict(SCHEMAS[column.type])
    if not column.required:
        kind = schema["type"]
        schema["type"] = [*(kind if isinstance(kind, list) else [kind]), "null"]
    return {**schema, "description": column.about}


def _page(extract: Extract) -> dict[str, Any]:
    row = {
        "type": "object",
        "properties": {column.name: _cell(column) for column in extract.table.columns},
        "required": [column.name for column in extract.table.columns],
        "additionalProperties": False,
    }
    properties = {
        "table": {"type": "string", "const": extract.table.name},
        "data_version": {"type": "integer"},
        "as_of": {"type": ["string", "null"], "format": "date"},
        "rows": {"type": "array", "items": row},
        "next": {"type": ["string", "null"], "format": "uri"},
    }
    return {"type": "object", "title": extract.table.title, "properties": properties, "required": list(properties)}


def _index() -> dict[str, Any]:
    entry = {name: {"type": "string"} for name in ("name", "title", "about", "url")}
    return {
        "type": "object",
        "properties": {
            "data_version": {"type": "integer"},
            "description": {"type": "string"},
            "tables": {"type": "array", "items": {"type": "object", "properties": entry, "required": list(entry)}},
        },
        "required": ["data_version", "description", "tables"],
    }


def _problem() -> dict[str, Any]:
    properties = {"type": "string", "title": "string", "status": "integer", "detail": "string"}
    return {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
    }

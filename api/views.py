"""The page on which people read the schema: our own, without a script."""

from functools import lru_cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from drf_spectacular.generators import SchemaGenerator

from core.web import page


@login_not_required
def docs(request: HttpRequest) -> HttpResponse:
    return page(request, "api/docs.html", {"rooms": rooms()})


@lru_cache(maxsize=1)
def rooms() -> list[dict[str, Any]]:
    """The schema's operations, grouped as the addresses are: [{"name", "operations": […]}]."""
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    grouped: dict[str, list[dict[str, Any]]] = {}
    for address, methods in schema["paths"].items():
        name = address.removeprefix("/api/v1/").split("/")[0]
        for method, operation in methods.items():
            if isinstance(operation, dict) and "responses" in operation:
                grouped.setdefault(name, []).append(told(schema, address, method, operation))
    return [{"name": name, "operations": operations} for name, operations in sorted(grouped.items())]


def told(schema: dict[str, Any], address: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """One operation, as the page writes it."""
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "address": address,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [
            {
                "name": p["name"],
                "place": {"query": "adresse", "path": "chemin", "header": "en-tête"}.get(p["in"], p["in"]),
                "type": type_of(schema, p.get("schema", {})),
                "required": p.get("required", False),
                "description": p.get("description", ""),
            }
            for p in operation.get("parameters", [])
        ],
        "given": fields_of(schema, body_of(operation.get("requestBody", {}))),
        "answers": [
            {
                "status": status,
                "description": answer.get("description", ""),
                "fields": fields_of(schema, body_of(answer)),
            }
            for status, answer in operation["responses"].items()
        ],
    }


def body_of(holder: dict[str, Any]) -> dict[str, Any]:
    content = holder.get("content", {})
    return (content.get("application/json") or next(iter(content.values()), {})).get("schema", {})


def resolved(schema: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """What a `$ref` names; `allOf` of one is that one."""
    if len(part.get("allOf", [])) == 1:
        part = part["allOf"][0]
    if "$ref" in part:
        return schema["components"]["schemas"][part["$ref"].rpartition("/")[2]]
    return part


def fields_of(schema: dict[str, Any], part: dict[str, Any]) -> list[dict[str, Any]]:
    """Name, type and need of each field; of a list, those of its rows."""
    part = resolved(schema, part)
    if part.get("type") == "array":
        part = resolved(schema, part["items"])
    results = part.get("properties", {}).get("results")
    if results:
        part = resolved(schema, results["items"])
    return [
        {
            "name": name,
            "type": type_of(schema, field),
            "required": name in part.get("required", []),
            "description": field.get("description", "") or resolved(schema, field).get("title", ""),
        }
        for name, field in part.get("properties", {}).items()
    ]


def type_of(schema: dict[str, Any], part: dict[str, Any]) -> str:
    if "oneOf" in part or "anyOf" in part:
        kinds = [type_of(schema, one) for one in part.get("oneOf") or part["anyOf"]]
        return " ou ".join(dict.fromkeys(kind for kind in kinds if kind))
    part = resolved(schema, part)
    if "enum" in part:
        return " · ".join(str(value) for value in part["enum"] if value not in ("", None))
    if part.get("type") == "array":
        return f"liste : {type_of(schema, part.get('items', {}))}"
    words = {"string": "texte", "integer": "entier", "number": "nombre", "boolean": "oui ou non", "object": "objet"}
    forms = {"date-time": "date et heure", "date": "date", "decimal": "montant", "uuid": "UUID", "binary": "fichier"}
    return forms.get(part.get("format", ""), words.get(part.get("type", ""), ""))

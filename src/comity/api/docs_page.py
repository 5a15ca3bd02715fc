"""The page that explains the interface to those who write programs: what this reader may do, with his own types."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.api import openapi, schemas
from comity.api.describing import described
from comity.api.doors import actor_of, type_of, types_of
from comity.records.types import RecordType
from comity.ui.pages.settings.kit import button, card
from comity.ui.render import Markup, html, page

ROOT = "/api/docs"
EXAMPLE = "0190a0b0-0000-7000-8000-000000000000"


def index(request: HttpRequest) -> HttpResponse:
    """How it works, and the types there are."""
    actor = actor_of(request)
    return _page(request, actor, None, html("api/docs_index.html", {"base": _base(request), "first": _first(actor)}))


def one_type(request: HttpRequest, slug: str) -> HttpResponse:
    """A type: its fields, its addresses, each with an example."""
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    told = described(actor, record_type)
    made = openapi.made(actor, _base(request))
    root = f"/api/v1/{slug}"
    doors = [
        _door(made, path, method, one)
        for path, methods in made["paths"].items() if path == root or path.startswith(f"{root}/")
        for method, one in methods.items() if method != "parameters"
    ]  # fmt: skip
    return _page(request, actor, record_type, html("api/docs_type.html", {"type": told, "doors": doors}))


def _page(request: HttpRequest, actor: Actor, record_type: RecordType | None, inner: Any) -> HttpResponse:
    language = get_language() or actor.language
    sections = [
        {"label": "", "items": [{"label": _("Overview"), "url": ROOT, "icon": "note", "current": record_type is None}]},
        {"label": _("Types"), "items": [
            {"label": one.plural[language], "url": f"{ROOT}/{one.slug}", "icon": one.icon,
             "current": one is record_type}
            for one in types_of(actor)
        ]},
    ]  # fmt: skip
    title = record_type.plural[language] if record_type else _("Overview")
    address = f"/api/v1/{record_type.slug}" if record_type else "/api/v1"
    actions = [button(_("API tokens"), "/settings/tokens", icon="key")]
    told = {
        "title": title,
        "sections": sections,
        "cards": [{**card("docs", Markup('<bdi dir="ltr">{}</bdi>').format(address), actions=actions), "html": inner}],
    }
    return page(request, "api/docs.html", page=told)


def _base(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _first(actor: Actor) -> str:
    slugs = [one.slug for one in types_of(actor)]
    return "people" if "people" in slugs or not slugs else slugs[0]


def _door(made: dict[str, Any], path: str, method: str, one: dict[str, Any]) -> dict[str, Any]:
    """One address with an example for the command line."""
    base, filled = made["servers"][0]["url"], path.replace("{id}", EXAMPLE).replace("{file}", EXAMPLE)
    lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}{base}{filled}",
             '-H "Authorization: Bearer $TOKEN"']  # fmt: skip
    content = one.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        sample = _sample(made, content["application/json"]["schema"])
        text = json.dumps(sample, ensure_ascii=False).replace("'", "’")
        lines += ['-H "Content-Type: application/json"', f"-d '{text}'"]
    elif content:
        lines.append("-F file=@letter.pdf")
    return {"method": method.upper(), "path": path, "about": one["summary"], "curl": " \\\n  ".join(lines)}


def _sample(made: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    """A small value that fits a schema: what must be there, and a first field."""
    if "$ref" in schema:
        return _sample(made, made["components"]["schemas"][schema["$ref"].rpartition("/")[2]], depth)
    if "anyOf" in schema:
        return _sample(made, schema["anyOf"][0], depth)
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if "enum" in schema:
        return schema["enum"][0]
    if kind == "object":
        fields = schema.get("properties", {})
        keys = list(dict.fromkeys([*schema.get("required", ()), *list(fields)[: 2 if depth < 2 else 1]]))
        return {key: _sample(made, fields[key], depth + 1) for key in keys if key in fields}
    if kind == "array":
        return [_sample(made, schema.get("items", {}), depth + 1)] if depth < 4 else []
    if kind == "string":
        patterns = {schemas.DECIMAL: "1250.50"}
        formats = {"uuid": EXAMPLE, "date": "2026-03-31", "date-time": "2026-03-31T10:00:00Z"}
        return patterns.get(schema.get("pattern", "")) or formats.get(schema.get("format", ""), "…")
    return {"integer": 1, "number": 1, "boolean": True}.get(kind)

"""What there is, for its reader: types with fields and actions, himself and his token, colleagues, teams, tags."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language

from comity.access.actors import Actor
from comity.access.models import ACTIONS, PERMITS
from comity.access.policy import readable_fields, shown_fields
from comity.api import relations
from comity.api.doors import actor_of, answer, type_of, types_of
from comity.changes import actions as card_actions
from comity.identity import tokens
from comity.kernel import units
from comity.records import conditions
from comity.records.fields import FieldSpec
from comity.records.types import RecordType
from comity.ui import lists


def types(request: HttpRequest) -> HttpResponse:
    """Every type that is there for him."""
    actor = actor_of(request)
    return answer({"items": [described(actor, one) for one in types_of(actor)]})


def one_type(request: HttpRequest, slug: str) -> HttpResponse:
    """One of them."""
    actor = actor_of(request)
    return answer(described(actor, type_of(actor, slug)))


def described(actor: Actor, record_type: RecordType) -> dict[str, Any]:
    """A type with its fields, in the language of the request."""
    language = get_language() or actor.language
    readable = {spec.key for spec in readable_fields(actor, record_type)}
    sortable = lists.sortable_fields(actor, record_type)
    return {
        "key": record_type.key, "slug": record_type.slug, "icon": record_type.icon,
        "label": record_type.label[language], "plural": record_type.plural[language],
        "title_fields": list(record_type.title_fields),
        "rights": {action: actor.scope(record_type.key, action) for action in ACTIONS},
        "fields": [
            _field(actor, spec, level, language, spec.key in readable, spec.key in sortable)
            for spec, level in shown_fields(actor, record_type)
        ],
        "relations": relations.kinds_of(actor, record_type),
        "actions": [_action(one) for one in actions_of(actor, record_type)],
    }  # fmt: skip


def actions_of(actor: Actor, record_type: RecordType) -> list[card_actions.Action]:
    """What may be done with cards of a type; none where his token only reads them."""
    if actor.barred(record_type.key, "edit"):
        return []
    found = [one for one in card_actions.of_type(record_type.key).values() if card_actions.fits(one, record_type)]
    return sorted(found, key=lambda one: (not one.type_key, one.name))


def _action(one: card_actions.Action) -> dict[str, Any]:
    inputs = [
        {"key": put.name, "kind": put.kind, "required": put.required, "nullable": put.nullable} for put in one.inputs
    ]
    return {"name": one.name, "about": one.about, "inputs": inputs}


def _field(actor: Actor, spec: FieldSpec, level: str, language: str, readable: bool, sortable: bool) -> dict[str, Any]:
    target = actor.state.record_types.get(spec.target)
    told: dict[str, Any] = {
        "key": spec.key, "kind": spec.kind, "label": spec.label[language],
        "help": spec.help[language] if spec.help else "", "level": level, "required": spec.required,
        "personal": spec.personal, "own": spec.stored == "custom", "sortable": sortable,
        "operators": list(conditions.operators(spec.kind)) if readable else [],
    }  # fmt: skip
    if spec.unit:
        told["unit"] = {"key": spec.unit, "label": str(units.get(spec.unit).label)}
    if spec.choices or spec.options:
        told["choices"] = [
            {"value": one.key, "label": one.label[language], "retired": one.retired} for one in spec.choices
        ]
    if target is not None and target in types_of(actor):
        told["target"] = {"type": target.key, "slug": target.slug}
    return told


def me(request: HttpRequest) -> HttpResponse:
    """Who asks, and what his token may do: for testing a connection."""
    actor = actor_of(request)
    member, organization = actor.member, actor.state.organization
    token_id = request.token_id  # type: ignore[attr-defined]
    token = tokens.find(token_id) if token_id else None
    bounds = actor.bounds
    return answer({
        "id": str(actor.user_id), "name": member.name, "email": member.email, "language": actor.language,
        "timezone": actor.timezone, "administrator": member.administrator,
        "teams": [str(key) for key in sorted(actor.own_teams)],
        "permits": [name for name in PERMITS if actor.permits(name)],
        "token": token and {
            "id": str(token.pk), "name": token.name, "created_at": token.created_at.isoformat(),
            "expires_at": token.expires_at.isoformat() if token.expires_at else None,
            "scopes": dict(bounds.named) if bounds else {},
        },
        "company": organization and {
            "name": organization.name, "country": organization.country, "currency": organization.currency,
            "currencies": [organization.currency, *organization.currencies], "timezone": organization.timezone,
            "language": organization.language,
        },
    })  # fmt: skip


def users(request: HttpRequest) -> HttpResponse:
    """Those who work here: for fields that name a colleague."""
    state = actor_of(request).state
    return answer({"items": [
        {"id": str(key), "name": one.name, "active": one.active, "job_title": one.job_title}
        for key, one in state.users.items()
    ]})  # fmt: skip


def teams(request: HttpRequest) -> HttpResponse:
    """The teams, each with the one above it."""
    state = actor_of(request).state
    return answer({"items": [
        {"id": str(key), "name": one.name, "parent": str(one.parent_id) if one.parent_id else None}
        for key, one in state.teams.items()
    ]})  # fmt: skip


def tags(request: HttpRequest) -> HttpResponse:
    """The tags there are."""
    state = actor_of(request).state
    return answer({"items": [{"id": str(key), "name": one.name} for key, one in state.tags.items()]})

"""The journal of consents of a person: read, and a new entry."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.api.doors import actor_of, answer, body_of, key_of, type_of
from comity.api.operations import IDEMPOTENCY, Operation, gives, operation, takes
from comity.api.schemas import KEY, nothing_or, ref
from comity.changes.bus import run
from comity.kernel.errors import Invalid, NotFound
from comity.parties.consents import journal
from comity.parties.consents.commands import LONGEST, PERSON, NoteConsent, files_of, offered
from comity.parties.consents.model import Consent
from comity.parties.consents.options import PURPOSES, WAYS
from comity.records.types import RecordType

Told = dict[str, Any]


def listing(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """All entries, the newest day first; those taken back too."""
    actor, card = _person(request, slug, record_id)
    return answer({"items": _all(actor, card.pk)})


def add(request: HttpRequest, slug: str, record_id: UUID) -> HttpResponse:
    """Note a consent, or that it was withdrawn: {"purpose", "given", "day", ["way"], ["note"], ["file"]}."""
    actor, card = _person(request, slug, record_id)
    key, body = key_of(request), body_of(request)
    result = run(actor, _asked(card.pk, body), **key)
    made = result.data.get("consent")
    for one in _all(actor, card.pk):
        if one["id"] == made:
            return answer({**one, "event": result.event}, 201)
    raise NotFound()  # the request is an old one sent again, and the entry belongs to another card since


def _person(request: HttpRequest, slug: str, record_id: UUID) -> tuple[Actor, Any]:
    actor = actor_of(request)
    record_type = type_of(actor, slug)
    if record_type.key != PERSON:
        raise NotFound()
    return actor, policy.get(actor, record_type, record_id)


def _all(actor: Actor, person_id: UUID) -> list[Told]:
    rows = journal.entries(person_id)
    held = {row.pk for row in journal.holding(rows).values()}
    known = {one.pk for one in files_of(actor, person_id)} if any(row.file_id for row in rows) else set()
    return [_told(actor, row, row.pk in held, row.file_id if row.file_id in known else None) for row in rows]


def _told(actor: Actor, row: Consent, holds: bool, file_id: UUID | None) -> Told:
    return {
        "id": str(row.pk), "purpose": row.purpose, "label": journal.value_name(actor, PURPOSES.key, row.purpose),
        "given": row.given, "day": row.day.isoformat(), "way": row.way, "note": row.note,
        "file": str(file_id) if file_id else None, "holds": holds,
        "created_at": row.created_at.isoformat(), "created_by": str(row.created_by) if row.created_by else None,
        "taken_back_at": row.undone_at.isoformat() if row.undone_at else None,
        "taken_back_by": str(row.undone_by) if row.undone_by else None,
    }  # fmt: skip


def _asked(person_id: UUID, body: Mapping[str, Any]) -> NoteConsent:
    """The command of a request, all of which is of the right form; raises Invalid."""
    strange = body.keys() - {"purpose", "given", "day", "way", "note", "file"}
    wrong: dict[str, list[str]] = {str(name)[:80]: [_("There is no such field.")] for name in sorted(strange)}
    if not isinstance(body.get("given"), bool):
        wrong["given"] = [_("Send true or false.")]
    if not isinstance(body.get("day"), str):
        wrong["day"] = [_("Enter a date such as 2026-03-31.")]
    for name in ("purpose", "way"):
        if not isinstance(body.get(name, ""), str):
            wrong[name] = [_("Choose one of the list.")]
    if not isinstance(body.get("note", ""), str):
        wrong["note"] = [_("Enter a text.")]
    file_id = None
    if body.get("file") is not None:
        try:
            file_id = UUID(body["file"])
        except (ValueError, TypeError, AttributeError):
            wrong["file"] = [_("This file does not hang on the card any more.")]
    if wrong:
        raise Invalid(fields=wrong)
    return NoteConsent(
        person_id, body.get("purpose", ""), body["given"], body["day"], body.get("way", ""), body.get("note", ""),
        file_id,
    )  # fmt: skip


# --- its part of the description -------------------------------------------------------------------------------------


def schemas(actor: Actor) -> Told:
    """The schemas of entries, with the keys of the lists as they are."""
    text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
    purposes, ways = sorted(offered(actor, PURPOSES.key, retired=True)), sorted(offered(actor, WAYS.key))
    entry = {
        "id": KEY, "purpose": text, "label": text, "given": {"type": "boolean"},
        "day": {"type": "string", "format": "date"}, "way": text, "note": text, "file": nothing_or(**KEY),
        "holds": {"type": "boolean", "description": "Whether this is what holds now for its purpose."},
        "created_at": moment, "created_by": nothing_or(**KEY), "taken_back_at": nothing_or(**moment),
        "taken_back_by": nothing_or(**KEY), "event": nothing_or(type="integer"),
    }  # fmt: skip
    return {
        "Consent": {"type": "object", "required": [key for key in entry if key != "event"], "properties": entry},
        "Consents": {
            "type": "object", "required": ["items"],
            "properties": {"items": {"type": "array", "items": ref("Consent")}},
        },
        "ConsentNew": {
            "type": "object", "required": ["purpose", "given", "day"], "additionalProperties": False,
            "properties": {
                "purpose": {**text, "enum": purposes,
                            "description": "What is offered no more can only be withdrawn."},
                "given": {"type": "boolean", "description": "false = withdrawn"},
                "day": {"type": "string", "format": "date", "description": "Past or today."},
                "way": {**text, "enum": [*ways, ""], "description": "How; needed where it is given."},
                "note": {**text, "maxLength": LONGEST},
                "file": nothing_or(**KEY, description="A file that hangs on the card."),
            },
        },
    }  # fmt: skip


def operations(record_type: RecordType, card: Told, writes: bool) -> dict[str, Operation]:
    """The addresses under a person; none under cards of other types."""
    key, slug = record_type.key, record_type.slug
    if key != PERSON:
        return {}
    about = "What the person agreed to, and withdrew; the newest day first"
    found: Operation = {
        "parameters": [card], "get": operation(f"list_consents_{key}", about, slug, gives("Consents")),
    }  # fmt: skip
    if writes:
        found["post"] = operation(
            f"add_consent_{key}", "Note a consent, or that it was withdrawn", slug, gives("Consent", "Noted"), "201",
            parameters=[IDEMPOTENCY], requestBody=takes(ref("ConsentNew")),
        )  # fmt: skip
    return {f"/api/v1/{slug}/{{id}}/consents": found}

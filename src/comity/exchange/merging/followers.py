"""The movers of what the house itself hangs on cards of every type."""

import json
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from comity.access import policy, snapshot
from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import merging
from comity.changes.bus import Work
from comity.exchange.merging import movers, rows
from comity.exchange.merging.movers import Counted, Mover, hanging
from comity.identity.models import User
from comity.notices.models import Notice
from comity.parties.consents.model import Consent
from comity.records.models import RecordRef, SavedView, StoredFile
from comity.work.notes.model import Note

# --- links: every field of every type that points to the card, fields of the company's own included -------------------


def _linking(actor: Actor, lost: RecordRef) -> list[tuple[Any, Any]]:
    return [
        (record_type, spec) for record_type in actor.state.record_types.values() for spec in record_type.links
        if spec.stored != "rows" and (spec.kind == "card" or spec.target == lost.type)
    ]  # fmt: skip


def _move_links(work: Work, lost: RecordRef, kept: RecordRef) -> Any:
    found: dict[str, dict[str, list[str]]] = {}
    for record_type, spec in _linking(work.actor, lost):
        # A link of the two to each other leads nowhere any more; the merge's own fields see to it.
        ids = [
            key for key in merging.pointing(record_type, spec, lost).values_list("pk", flat=True)
            if RecordRef(record_type.key, key) not in (lost, kept)
        ]  # fmt: skip
        turned = merging.turn(work, record_type, spec, lost, kept, ids) if ids else []
        if turned:
            found.setdefault(record_type.key, {})[spec.key] = [str(key) for key in turned]
    if not found:
        return None
    return {"fields": found, "lost": [lost.type, str(lost.id)], "kept": [kept.type, str(kept.id)]}


def _links_back(work: Work, note: Any) -> int:
    lost, kept = (RecordRef(note[name][0], UUID(note[name][1])) for name in ("lost", "kept"))
    left = 0
    for type_key, fields in note["fields"].items():
        record_type = work.actor.state.record_types.get(type_key)
        for key, ids in fields.items():
            spec = next((one for one in record_type.links if one.key == key), None) if record_type else None
            if record_type is None or spec is None:
                left += len(ids)  # a field that was taken out of use since
                continue
            back = merging.turn(work, record_type, spec, kept, lost, [UUID(one) for one in ids])
            left += len(ids) - len(back)
    return left


def _count_links(actor: Actor, lost: RecordRef) -> Counted:
    found: dict[str, int] = {}
    for record_type, spec in _linking(actor, lost):
        if policy.level(actor, record_type, spec) not in ("read", "write"):
            continue
        ids = merging.pointing(record_type, spec, lost).values("pk")
        number = policy.visible(actor, record_type).filter(pk__in=ids).count()
        label = record_type.plural[actor.language]
        found[label] = found.get(label, 0) + number
    return [(label, number) for label, number in found.items() if number]


# --- shares: who saw either sees the kept one, with the wider right ---------------------------------------------------


def _shares(ref: RecordRef) -> Any:
    return Share.objects.filter(type_key=ref.type, record_id=ref.id)


def _move_shares(work: Work, lost: RecordRef, kept: RecordRef) -> Any:
    mine = list(_shares(lost))
    if not mine:
        return None
    theirs = {(one.user_id, one.team_id, one.until): one for one in _shares(kept)}
    before = rows.held([*mine, *theirs.values()])
    for share in mine:
        twin = theirs.get((share.user_id, share.team_id, share.until))
        if twin is None:
            share.record_id = kept.id
            share.save(update_fields=["record_id"])
            continue
        if share.edit and not twin.edit:
            twin.edit = True
            twin.save(update_fields=["edit"])
        share.delete()
    return rows.difference(Share, before, rows.held(Share.objects.filter(pk__in=[UUID(key) for key in before])))


# --- views and pins: what people keep for themselves ------------------------------------------------------------------


def _move_views(work: Work, lost: RecordRef, kept: RecordRef) -> Any:
    old, new = str(lost.id), str(kept.id)
    views = [view for view in SavedView.objects.select_for_update() if old in json.dumps(view.where)]
    before = rows.held(views)
    for view in views:
        view.where = json.loads(json.dumps(view.where).replace(old, new))
        view.save(update_fields=["where"])
    if views:
        snapshot.changed()
    return rows.difference(SavedView, before, rows.held(views)) if views else None


def _views_back(work: Work, note: Any) -> int:
    snapshot.changed()
    return rows.restore(note)


def _move_pins(work: Work, lost: RecordRef, kept: RecordRef) -> Any:
    old, new = [lost.type, str(lost.id)], [kept.type, str(kept.id)]
    holders = [key for key, user in work.actor.state.users.items() if old in user.prefs.get("pinned", [])]
    note = {}
    for user in User.objects.select_for_update().filter(pk__in=holders):
        before = list(user.prefs.get("pinned", []))
        pinned = [new if one == old else one for one in before if one != old or new not in before]
        user.prefs = {**user.prefs, "pinned": pinned}
        user.save(update_fields=["prefs"])
        note[str(user.pk)] = [before, pinned]
    if note:
        snapshot.changed()
    return note or None


def _pins_back(work: Work, note: Any) -> int:
    left = 0
    for user in User.objects.select_for_update().filter(pk__in=[UUID(key) for key in note]):
        before, after = note[str(user.pk)]
        if user.prefs.get("pinned", []) == after:
            user.prefs = {**user.prefs, "pinned": before}
            user.save(update_fields=["prefs"])
        else:
            left += 1
    snapshot.changed()
    return left


def register() -> None:
    """Make them known."""
    movers.register(Mover("links", _move_links, _links_back, lambda: _("Linked cards"), _count_links))
    movers.register(hanging("notes", Note, lambda: _("Notes"), counted=Q(deleted_at=None)))
    movers.register(hanging("files", StoredFile, lambda: _("Files"), counted=Q(deleted_at=None)))
    movers.register(hanging("consents", Consent, lambda: _("Consents"), counted=Q()))
    movers.register(hanging("notices", Notice, lambda: _("Notices")))
    movers.register(Mover("shares", _move_shares, lambda work, note: rows.restore(note), lambda: _("Shares")))
    movers.register(Mover("views", _move_views, _views_back, lambda: _("Saved views")))
    movers.register(Mover("pins", _move_pins, _pins_back, lambda: _("Pinned cards")))

"""What the pages of an import show."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.exchange.imports import cells, events, making, matching, programs, reading, targets
from comity.exchange.imports.commands import totals
from comity.exchange.imports.model import WORKING, Import
from comity.exchange.imports.planning import POLICIES
from comity.exchange.imports.refusals import said
from comity.kernel.clock import now
from comity.kernel.text import listed
from comity.records.models import RecordRef
from comity.ui.cells import moment_format
from comity.ui.render import fresh_key

MOST_ROWS = 50
MOST_WORDS = 40
MOST_LEFT = 100


def state_words(load: Import) -> str:
    """How it stands."""
    return {
        "reading": _("The file is being read"), "read": _("Waits for you: what do the columns mean?"),
        "checking": _("It is being tried out"), "checked": _("Tried out; nothing is loaded yet"),
        "running": _("It is being loaded"), "stopped": _("Stopped"), "done": _("Loaded"),
        "undoing": _("It is being taken back"), "undone": _("Taken back"), "failed": _("The file cannot be read"),
    }[load.state]  # fmt: skip


def line(actor: Actor, load: Import) -> dict[str, Any]:
    """An import in the list of all."""
    counts = events.words(totals(load.counts), actor.language) if load.counts else ""
    return {
        "url": f"/import/{load.pk}", "name": load.name, "state": state_words(load), "counts": counts,
        "day": moment_format(actor.language, now(), actor.timezone)(load.made_at),
    }  # fmt: skip


def whole(actor: Actor, load: Import, errors: list[str]) -> dict[str, Any]:
    """The page of one import."""
    url = f"/import/{load.pk}"
    shown: dict[str, Any] = {
        "title": load.name, "url": url, "back": {"url": "/import", "label": _("Import")}, "state": load.state,
        "state_text": state_words(load), "problem": load.problem, "errors": errors, "working": load.state in WORKING,
        "done": load.done, "total": load.total, "idempotency": fresh_key(), "left": [],
        "counts": [], "refused": [], "told": [],
    }  # fmt: skip
    if load.state in ("read", "checked", "failed"):
        shown["opening"] = _opening(load)
    if load.state in ("read", "checked"):
        shown["map"] = _mapping(actor, load)
    if load.found:
        shown["sums"] = _sums(load.found)
    if load.state == "checked":
        shown["check"] = _checked(actor, load.checked)
    if load.state in ("running", "stopped", "done", "undoing", "undone"):
        shown["counts"] = _counts(actor, load.counts)
        shown["refused"] = _rows(load, refused=True)
        shown["told"] = _rows(load, refused=False)
        shown["refused_total"] = load.counts.get("refused", 0)
        shown["refused_url"] = f"{url}/refused.csv" if load.counts.get("refused") else ""
        shown["left"] = _left(actor, load)
        shown["unmapped"] = _unmapped(load)
    return shown


def _opening(load: Import) -> dict[str, Any]:
    found = load.found
    return {
        "sheets": found.get("sheets", []), "sheet": found.get("sheet", ""), "encoding": found.get("encoding", ""),
        "delimiter": found.get("delimiter", ""), "format": found.get("format", ""),
        "header": found.get("header_row", ""), "text": found.get("format") == "csv" or load.state == "failed",
    }  # fmt: skip


def _mapping(actor: Actor, load: Import) -> dict[str, Any]:
    mapping, found = load.mapping, load.found
    main = actor.state.record_types.get(mapping["main"])
    groups = [
        {"label": one.label[actor.language],
         "options": [{"value": str(target), "label": f"{one.label[actor.language]}: {targets.label(actor, target)}"}
                     for target in some]}
        for one, some in targets.offered(actor, mapping["main"])
    ]  # fmt: skip
    asked = {one["index"]: one for one in reading.questions(actor, found, mapping)}
    columns = [_column(actor, load, index, asked.get(index), groups) for index in range(len(found["columns"]))]
    program = programs.NAMES.get(mapping.get("program", ""), "")
    doubtful = [one for one in columns if one["doubtful"]]
    return {
        "program": _("This looks like a file of %(program)s.") % {"program": program} if program else "",
        "main": mapping["main"], "main_label": main.plural[actor.language] if main else "",
        "mains": [{"value": one.key, "label": one.plural[actor.language]} for one in targets.types(actor)],
        "source": mapping["source"], "groups": groups,
        "columns": sorted(columns, key=lambda one: (not one["doubtful"], one["index"])),
        "doubtful": len(doubtful),
        "doubtful_text": ngettext("%(n)s column needs a look.", "%(n)s columns need a look.", len(doubtful))
        % {"n": len(doubtful)},
        "unmapped": [one["name"] for one in columns if not one["to"] or one["to"] == targets.LEFT_OUT],
        "choices": _choices(actor, load), "bad": load.choices.get("bad", "refuse"),
    }  # fmt: skip


def _column(
    actor: Actor, load: Import, index: int, asked: Mapping[str, Any] | None, groups: list[dict[str, Any]]
) -> dict[str, Any]:
    column, one = load.found["columns"][index], load.mapping["columns"][index]
    target = targets.parse(one["to"])
    spec = reading.spec_of(actor, target)
    values = load.mapping.get("values", {}).get(str(index), {})
    words = []
    for text in (asked["words"] if asked else [])[:MOST_WORDS]:
        words.append({"text": text, "count": (column["words"] or {}).get(text, ""), "meant": values.get(text)})
    named = spec is not None and spec.kind in ("choice", "choices")
    options: list[dict[str, str]] = []
    if named and spec is not None:
        options = [
            {"value": f"={one.key}", "label": one.label[actor.language]} for one in spec.choices if not one.retired
        ]
    if making.may_make(actor, spec):
        options.append({"value": cells.MAKE, "label": _("Make it")})
    known = {option["value"] for group in groups for option in group["options"]}
    extra = {"value": one["to"], "label": targets.label(actor, target)} if target and one["to"] not in known else None
    return {
        "index": index, "name": column["name"], "letter": column["letter"], "samples": column["samples"],
        "filled": column["filled"], "to": one["to"], "extra": extra, "words": words, "options": options,
        "asks_decimal": bool(asked and asked["decimal"]) or bool(one.get("decimal")), "decimal": one.get("decimal", ""),
        "asks_order": bool(asked and asked["order"]) or bool(one.get("order")), "order": one.get("order", ""),
        "doubtful": bool(one["sure"] < 2 and column["filled"]) or bool(asked and any(
            word["meant"] is None for word in words) and options) or bool(
            asked and ((asked["decimal"] and not one.get("decimal")) or (asked["order"] and not one.get("order")))),
    }  # fmt: skip


def policy_words(policy: str) -> str:
    """What becomes of cards that are here, in words."""
    return {
        "empty": _("Fill in what they lack"), "overwrite": _("Overwrite them with the file"),
        "create": _("Leave them as they are"), "link": _("Make no new ones; only link those here"),
    }[policy]  # fmt: skip


def _choices(actor: Actor, load: Import) -> list[dict[str, Any]]:
    found = []
    for key in reading.used_types(load.mapping):
        record_type = actor.state.record_types.get(key)
        if record_type is None:
            continue
        held = load.choices.get("keys", {}).get(key, [])
        found.append({
            "key": key, "label": record_type.plural[actor.language],
            "policies": [{"value": one, "label": policy_words(one),
                          "current": load.choices.get("policy", {}).get(key, "empty") == one} for one in POLICIES],
            "keys": [{"value": one, "label": matching.words_of(actor, record_type, one), "on": one in held}
                     for one in matching.keys_offered(actor, record_type)],
        })  # fmt: skip
    return found


def _sums(found: Mapping[str, Any]) -> dict[str, Any]:
    """The control sums of the file, and where its own totals say something else."""
    shown = [
        {"name": one["name"], "amount": f"{one['amount']} {one['currency']}".strip(), "problems": one["problems"],
         "wrong": one["wrong"], "percent": one["kind"] == "percent"}
        for one in found.get("sums", ()) if one["counted"] and one["kind"] != "percent"
    ]  # fmt: skip
    return {"rows": shown, "differences": found.get("differences", [])}


def _checked(actor: Actor, checked: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "counts": _counts(actor, checked["counts"]),
        "samples": [
            {"row": one["row"], "title": one["title"], "kind": _label(actor, one["type"]),
             "what": _("new") if one["what"] == "made" else _("changed"),
             "fields": listed(_labels(actor, one["type"], one["fields"]), actor.language)}
            for one in checked["samples"]
        ],
        "refused": [{"row": one["row"], "text": said(one["reasons"])} for one in checked["refused"][:MOST_ROWS]],
        "told": [{"row": one["row"], "text": said(one["reasons"])} for one in checked["told"][:MOST_ROWS]],
        "refused_total": checked["counts"]["refused"],
    }  # fmt: skip


def _label(actor: Actor, type_key: str) -> str:
    record_type = actor.state.record_types.get(type_key)
    return record_type.label[actor.language] if record_type else type_key


def _labels(actor: Actor, type_key: str, keys: list[str]) -> list[str]:
    record_type = actor.state.record_types.get(type_key)
    labels = {spec.key: spec.label[actor.language] for spec in record_type.specs} if record_type else {}
    return [labels.get(key, key) for key in keys]


def _counts(actor: Actor, counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for key, one in counts.get("types", {}).items():
        record_type = actor.state.record_types.get(key)
        label = record_type.plural[actor.language] if record_type else key
        url = f"/{record_type.slug}/?sort=-created_at" if record_type else ""
        found.append({"label": label, "url": url, "made": one["made"], "changed": one["changed"], "same": one["same"]})
    return found


def _rows(load: Import, *, refused: bool) -> list[dict[str, Any]]:
    rows = load.rows.filter(refused=refused).order_by("position")[:MOST_ROWS]
    return [{"row": one.number, "text": said(one.reasons)} for one in rows]


def _unmapped(load: Import) -> list[str]:
    pairs = zip(load.found["columns"], load.mapping["columns"], strict=True)
    return [column["name"] for column, one in pairs if not one["to"] or one["to"] == targets.LEFT_OUT]


def _left(actor: Actor, load: Import) -> list[dict[str, Any]]:
    """What was changed since the load and so not taken back: the cards of it that he sees today, as they are called."""
    held = [(RecordRef(one[0], UUID(one[1])), one[3]) for one in load.left[:MOST_LEFT]]
    titles = policy.titles(actor, [ref for ref, _fields in held])
    return [
        {"title": titles[ref], "url": f"/{actor.state.record_types[ref.type].slug}/{ref.id}",
         "fields": listed(_labels(actor, ref.type, fields), actor.language)}
        for ref, fields in held if ref in titles
    ]  # fmt: skip

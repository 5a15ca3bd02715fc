"""Formulas among the fields: written with a look at what they give, before anything is kept."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.access.models import Role
from comity.changes import computed, recount
from comity.changes.formula_fields import KIND, hidden_from, shown_to, tried
from comity.changes.settings import SaveSetting, free_key, version_of
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound
from comity.kernel.text import listed
from comity.records import kinds
from comity.records.fields import OWN, FieldSpec
from comity.records.formulas import functions, shapes
from comity.records.formulas.book import Formula
from comity.records.formulas.checking import Checked, leads_to, leads_to_one
from comity.records.formulas.problems import BadFormula
from comity.records.labels import Label
from comity.records.models import CustomField
from comity.records.types import RecordType
from comity.ui import render
from comity.ui.cells import CellContext
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, act_url, actor_of, card
from comity.ui.render import done, fragment, page
from comity.ui.values import value_html

SHOWN = 3  # cards whose values are shown while a formula is written


def type_of(request: HttpRequest, key: str = "") -> RecordType:
    """The type whose formula it is; raises NotFound."""
    found = actor_of(request).state.record_types.get(key or request.GET.get("type", ""))
    if found is None:
        raise NotFound()
    return found


# --- what it gives ---------------------------------------------------------------------------------------------------


def check(request: HttpRequest, item: str) -> HttpResponse:
    """POST: what the formula on the form would give. Nothing is written."""
    if request.method != "POST":
        raise NotFound()
    told = looked_at(actor_of(request), type_of(request), request.POST.get("formula", ""))
    return fragment(request, "ui/fragments/formula_check.html", check=told)


def looked_at(actor: Actor, record_type: RecordType, source: str) -> dict[str, Any]:
    """Kind and values of a formula, who does not see them, or what is wrong with it."""
    if not source.strip():
        return {}
    try:
        checked = tried(actor, record_type, source)
        kind, unit = shapes.field_kind(checked.shape)
    except BadFormula as problem:
        return {"problem": str(problem)}
    spec = FieldSpec("own_result", kind, Label("Result"), unit=unit, stored="custom", formula=source)
    told: dict[str, Any] = {"kind": checked.shape.words, "notes": _notes(actor, record_type, checked)}
    if shown_to(actor, checked, record_type):
        told["cards"] = _values(actor, record_type, Formula(record_type.key, spec, checked))
    else:
        told["notes"].append(_("You don’t see all that it is counted from, so no values are shown here."))
    return told


def _notes(actor: Actor, record_type: RecordType, checked: Checked) -> list[str]:
    """What is to be known of whom it tells what."""
    notes = []
    if checked.uses.behind:
        notes.append(_("It is counted over all cards, also those that its reader doesn’t see."))
    roles = Role.objects.order_by("key")
    names = [Label.of(role.name)[actor.language] for role in roles if hidden_from(checked, record_type.key, role)]
    if names:
        text = _("Hidden from these roles at first, for they don’t see all that it is made from: %(roles)s. "
                 "You may open it to them in the role.")  # fmt: skip
        notes.append(text % {"roles": listed(names, actor.language)})
    if checked.uses.restless:
        notes.append(_("It is counted anew every day."))
    return notes


def _values(actor: Actor, record_type: RecordType, formula: Formula) -> list[dict[str, Any]]:
    """The newest cards he sees, each with its value or why it has none."""
    ctx = CellContext(actor, now(), render.sprite(), {}, {}, {})
    found = []
    for record in policy.visible(actor, record_type).order_by("-created_at", "-pk")[:SHOWN]:
        value, why = computed.outcome(actor.state, record_type, record, formula)
        none = kinds.empty(value)
        found.append({
            "title": record.title, "url": f"/{record_type.slug}/{record.pk}",
            "html": "" if none else value_html(formula.spec, "read", value, ctx),
            "why": shapes.reason(why) if none else "",
        })  # fmt: skip
    return found


# --- forms -----------------------------------------------------------------------------------------------------------


def editor(record_type: RecordType, value: str) -> dict[str, Any]:
    """The field in which a formula is written."""
    return {
        "key": "formula", "kind": "longtext", "label": _("Formula"), "value": value, "rows": 4, "required": True,
        "check_url": act_url("fields", "check", type=record_type.key),
        "help": _("Press a field below to put it in. Numbers are written with a point, texts in straight quotes."),
    }  # fmt: skip


def vocabulary(actor: Actor, record_type: RecordType) -> dict[str, Any]:
    """The fields and functions there are: of the card, of cards it links to, of cards that link to it."""
    types, language = actor.state.record_types, actor.language

    def keys(of: RecordType, before: str = "") -> list[dict[str, str]]:
        specs = [spec for spec, _level in policy.shown_fields(actor, of) if shapes.of_field(spec)]
        return [{"key": f"{before}{spec.key}", "label": spec.label[language]} for spec in specs]

    groups = [{"label": record_type.label[language], "items": keys(record_type)}]
    for spec in record_type.specs:
        if leads_to_one(spec) and spec.target in types:
            groups.append({"label": spec.label[language], "items": keys(types[spec.target], f"{spec.key}.")})
    for other in types.values():
        links = [spec for spec in other.specs if leads_to(spec, record_type.key)]
        if links:
            example = {"key": f"count({other.key}{f'[{links[0].key}]' if len(links) > 1 else ''})",
                       "label": _("How many")}  # fmt: skip
            groups.append({"label": other.plural[language], "items": [example, *keys(other, f"{other.key}.")]})
    rollups = ('sum(deal.amount, deal.state = "won")', "count(deal)", "avg(deal.amount)")
    return {"groups": groups, "examples": [*rollups, *functions.EXAMPLES]}


def new(request: HttpRequest, back: dict[str, str]) -> HttpResponse:
    """A form for a new formula. POST with `check` only shows what it gives; else the field is made."""
    actor, record_type = actor_of(request), type_of(request)
    url = act_url("fields", "formula", type=record_type.key)
    names, source = kit.posted_labels(request, "label"), request.POST.get("formula", "")
    field = editor(record_type, source)
    made: dict[str, Any] = {
        "title": _("New formula"), "url": url, "submit_label": _("Make field"), "cancel_url": back["url"],
        "idempotency": render.fresh_key(), "errors": [], "back": back,
        "groups": [{"label": "", "help": _("Nobody fills it in: its value follows from other fields."),
                    "fields": [*kit.labels("label", _("Name"), names), field]}],
        "words": vocabulary(actor, record_type),
    }  # fmt: skip
    made["words"]["open"] = True
    if request.method != "POST" or "check" in request.POST or "formula" not in request.POST:
        field["check"] = looked_at(actor, record_type, source)
        return page(request, "ui/settings/formula.html", form=made)
    taken = set(CustomField.objects.filter(type_key=record_type.key).values_list("key", flat=True))
    command = SaveSetting("field", {
        "type_key": record_type.key, "key": free_key(names, "formula", taken, OWN), "kind": KIND, "label": names,
        "formula": source, "position": 10 * len(record_type.custom),
    })  # fmt: skip
    try:
        result = kit.do(request, command)
    except (Invalid, Conflict) as problem:
        shown = kit.refilled(made, request, problem)
        return page(request, "ui/settings/formula.html", status=problem.status, form=shown)
    return done(request, f"/settings/fields/{result.record.id}", _("The field is made."))


def card_of(request: HttpRequest, row: CustomField) -> Card:
    """The formula on the page of its field, with how far its counting is."""
    actor, record_type = actor_of(request), type_of(request, row.type_key)
    running = recount.progress(row.type_key, row.key)
    told = looked_at(actor, record_type, row.formula)
    return card(
        "formula", _("Formula"), url=act_url("fields", "formula-save", str(row.pk)), version=version_of(row),
        fields=[{**editor(record_type, row.formula), "check": told}], help=_running(running),
        html=render.html("ui/fragments/formula_words.html", {"words": vocabulary(actor, record_type)}),
    )  # fmt: skip


def _running(running: Any) -> str:
    if running is None or not running.total:
        return ""
    text = ngettext(
        "Being counted: %(done)s of %(total)s card.", "Being counted: %(done)s of %(total)s cards.", running.total
    )
    return text % {"done": running.done, "total": running.total}


def save(request: HttpRequest, item: str) -> HttpResponse:
    """POST: another formula for the field."""
    values: dict[str, Any] = dict(kit.posted(request, "formula"))
    command = SaveSetting("field", values, kit.key_of(item), request.POST.get("version", ""))
    return kit.save(request, "fields", "formula", command, item)

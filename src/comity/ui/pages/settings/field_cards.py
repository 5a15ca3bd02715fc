"""Cards of a field's own page: what it points to, which files it takes, what new cards begin with, who may see it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access.snapshot import custom_spec
from comity.changes import demands, field_kinds
from comity.changes.field_rights import SetFieldRights
from comity.changes.field_traits import BEGINNING, DUPLICATE, WORDS
from comity.changes.settings import version_of
from comity.kernel.errors import NotFound
from comity.kernel.text import whole_number
from comity.records.fields import CONTACT_KINDS, LEVELS
from comity.records.labels import Label
from comity.records.models import CustomField
from comity.ui import forms
from comity.ui.pages.settings import kit
from comity.ui.pages.settings.kit import Card, act_url, actor_of, card
from comity.ui.pages.settings.roles import level_label

MEGA = 1_000_000


def cards(request: HttpRequest, row: CustomField) -> list[Card]:
    """Those that make sense for a field in use."""
    found = [
        _relation(request, row) if row.kind == "relation" else None,
        _file(row) if row.kind == "file" else None,
        _begins(request, row) if row.kind in BEGINNING and not row.formula else None,
        _rights(request, row),
    ]
    return [one for one in found if one is not None]


def words_of(kind: str) -> str:
    """The beginning a kind knows besides a value, in words; "" for none."""
    return {"today": _("Today"), "me": _("Who adds the card"), "my_team": _("The team of who adds the card")}.get(
        WORDS.get(kind, ""), ""
    )


def target_choices(request: HttpRequest) -> list[dict[str, str]]:
    """What a field may point to."""
    actor = actor_of(request)
    types = actor.state.types_on
    named = [{"value": one.key, "label": one.plural[actor.language]} for one in types]
    return [{"value": "", "label": _("Any card")}, *named]


def since_fields(request: HttpRequest, row: CustomField) -> list[dict[str, Any]]:
    """From where on a field must be filled; nothing where cards go no way."""
    actor = actor_of(request)
    record_type = actor.state.record_types.get(row.type_key)
    places = demands.steps(actor, record_type) if record_type else []
    if not places:
        return []
    choices = [{"value": one.key, "label": one.label[actor.language]} for one in places]
    return [{"key": "since", "kind": "choice", "label": _("From where on"), "value": row.since, "choices": choices,
             "help": _("For “From a stage on”: a card goes no further without it.")}]  # fmt: skip


def further_use(row: CustomField) -> list[dict[str, Any]]:
    """What else is said of a field's use."""
    found: list[dict[str, Any]] = []
    if row.kind in DUPLICATE and not row.formula:
        found.append({"key": "duplicate", "kind": "bool", "label": _("The same value speaks for a duplicate"),
                      "value": row.duplicate})  # fmt: skip
    found.append({"key": "keep_months", "kind": "integer", "label": _("Archive when unused for so many months"),
                  "value": str(row.keep_months or ""),
                  "help": _("Empty: never. The page “Use of fields” says so a month before.")})  # fmt: skip
    return found


def _relation(request: HttpRequest, row: CustomField) -> Card:
    target = next(one["label"] for one in [*target_choices(request), {"value": row.target, "label": row.target}]
                  if one["value"] == row.target)  # fmt: skip
    return card("relation", _("Linked cards"), url=act_url("fields", "relation", row.pk), version=version_of(row),
                help=_("Points to: %(cards)s") % {"cards": target}, fields=[
        {"key": "several", "kind": "bool", "label": _("Several cards"), "value": row.several},
        *kit.labels("backward", _("What it is called on the linked card"), row.backward),
    ])  # fmt: skip


def _file(row: CustomField) -> Card:
    return card("file", _("Files"), url=act_url("fields", "file", row.pk), version=version_of(row), fields=[
        {"key": "several", "kind": "bool", "label": _("Several files"), "value": row.several},
        {"key": "accept", "kind": "text", "label": _("Endings of file names"), "value": ", ".join(row.accept),
         "help": _("Such as pdf, jpg. Empty: any file.")},
        {"key": "max_size", "kind": "integer", "label": _("Largest size, MB"),
         "value": str(row.max_size // MEGA) if row.max_size else "",
         "help": _("Empty: as large as files may be here.")},
    ])  # fmt: skip


def _begins(request: HttpRequest, row: CustomField) -> Card:
    """The field's own control; for kinds that know a word, a tick for it."""
    actor, fields = actor_of(request), []
    spec = custom_spec(row)
    word = row.begins is not None and row.begins == WORDS.get(row.kind)
    if words_of(row.kind):
        fields.append({"key": "word", "kind": "bool", "label": words_of(row.kind), "value": word})
    raw = None if word else row.begins
    made = forms.field(actor, spec, None)
    made |= {"label": _("Value"), "help": "", "required": False, "dup": False}
    made["value"] = forms.typed_value(actor, spec, raw)
    return card("begins", _("What a new card begins with"), url=act_url("fields", "begins", row.pk),
                version=version_of(row), fields=[*fields, made])  # fmt: skip


def _rights(request: HttpRequest, row: CustomField) -> Card | None:
    """What each role may do with it; only for who may change roles."""
    actor = actor_of(request)
    if not actor.permits("roles"):
        return None
    spec, fields = custom_spec(row), []
    off = {"mask" if spec.kind not in CONTACT_KINDS else "", "write" if row.formula else ""}
    levels = [one for one in LEVELS if one not in off]
    for role in sorted(actor.state.roles.values(), key=lambda one: Label.of(one.name)[actor.language]):
        held = role.fields.get(row.type_key, {}).get(row.key, "write")
        fields.append({
            "key": f"role-{role.pk}", "kind": "choice", "required": True,
            "label": Label.of(role.name)[actor.language] or role.key, "value": held if held in levels else levels[-1],
            "choices": [{"value": one, "label": level_label(one)} for one in levels],
        })  # fmt: skip
    return card("rights", _("Who may see and change it"), url=act_url("fields", "rights", row.pk), fields=fields)


# --- what the forms do -----------------------------------------------------------------------------------------------


def relation_values(request: HttpRequest) -> dict[str, Any]:
    """What the card of linked cards says."""
    return {"several": kit.flag(request, "several"), "backward": kit.posted_labels(request, "backward")}


def file_values(request: HttpRequest) -> dict[str, Any]:
    """What the card of files says."""
    size = whole_number(request.POST.get("max_size", "").strip() or "0") * MEGA
    accept = [one for one in request.POST.get("accept", "").replace(",", " ").split() if one]
    return {"several": kit.flag(request, "several"), "accept": accept, "max_size": size}


def begins_values(request: HttpRequest, row: CustomField) -> dict[str, Any]:
    """What the card of beginnings says."""
    if kit.flag(request, "word"):
        return {"begins": WORDS.get(row.kind)}
    raw = forms.raw_of(actor_of(request), custom_spec(row), request.POST)
    if isinstance(raw, dict) and not str(raw.get("amount", "")).strip():
        raw = None
    return {"begins": None if raw in ("", [], None) else raw}


def save_rights(request: HttpRequest, row: CustomField) -> HttpResponse:
    """Give each role its level."""
    if not actor_of(request).permits("roles"):
        raise NotFound()
    levels = {
        str(key): request.POST[f"role-{key}"] for key in actor_of(request).state.roles if f"role-{key}" in request.POST
    }
    return kit.save(request, "fields", "rights", SetFieldRights(row.type_key, row.key, levels), str(row.pk))


def ask_kind(request: HttpRequest, row: CustomField, label: Any) -> HttpResponse:
    """GET: which kinds it may become, and how many values would not fit. POST: make it so."""
    offered = field_kinds.offered(row)
    if not offered:
        raise NotFound()
    choices, told = [], []
    for kind in offered:
        strange = field_kinds.misfits(actor_of(request), row, kind)
        choices.append({"value": kind, "label": label(kind)})
        if strange:
            words = ngettext("%(kind)s: %(n)s value does not fit.", "%(kind)s: %(n)s values do not fit.", strange)
            told.append(words % {"kind": label(kind), "n": strange})
        else:
            told.append(_("%(kind)s: everything fits.") % {"kind": label(kind)})
    field = {"key": "kind", "kind": "choice", "label": _("Kind"), "choices": choices, "value": offered[0],
             "required": True}  # fmt: skip
    return kit.ask(
        request, _("Change the kind of this field?"), " ".join(told), _("Change"), f"/settings/fields/{row.pk}",
        lambda: field_kinds.ChangeKind(row.pk, request.POST.get("kind", "")), _("The field has another kind."),
        fields=[field],
    )  # fmt: skip

"""Settings of duplicates: by what two cards of a type are likely the same, with what weight, from which score on."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Invalid, NotFound
from comity.records.types import RecordType
from comity.search import rules as duplicate_rules
from comity.search.models import DuplicateRules
from comity.search.rules import NAME, NAME_AT
from comity.ui.pages.settings import changed, kit
from comity.ui.pages.settings.kit import Card, SettingsPage, act_url, actor_of, button, card

PREFIX = "weight-"


def _types(request: HttpRequest) -> list[RecordType]:
    """Types whose cards can be twins at all."""
    actor = actor_of(request)
    return [one for one in actor.state.types_on if not one.follows and duplicate_rules.shipped(one)]


def _cards(request: HttpRequest, item: str) -> list[Card]:
    language = actor_of(request).language
    return [
        card(
            one.key, one.plural[language], url=act_url("duplicates", "save", type=one.key),
            fields=_fields(request, one),
            actions=[button(_("Likely duplicates"), f"/duplicates/{one.slug}", icon="users")],
        )
        for one in _types(request)
    ]  # fmt: skip


def _fields(request: HttpRequest, record_type: RecordType) -> list[dict[str, Any]]:
    actor = actor_of(request)
    rules, language = duplicate_rules.of(actor.state, record_type), actor.language
    offered = duplicate_rules.offered(record_type)
    keys = [key for key in (NAME, NAME_AT) if key in offered] + [
        spec.key for spec in record_type.specs if spec.key in offered
    ]
    shown = [
        key
        for key in keys
        if key in (NAME, NAME_AT) or key in rules.weights or key in duplicate_rules.shipped(record_type)
    ]
    further = [key for key in keys if key not in shown]
    fields = [_field(record_type, key, rules.weights.get(key, 0), language) for key in (*shown, *further)]
    fields[0]["help"] = _("Weights go from 0 (does not count) to 100 (sure). Likenesses add up, doubt by doubt.")
    fields.append({
        "key": f"threshold-{record_type.key}", "kind": "integer", "label": _("Likely from this score on"),
        "value": str(rules.threshold), "required": True,
    })  # fmt: skip
    return fields


def _field(record_type: RecordType, key: str, weight: int, language: str) -> dict[str, Any]:
    at = duplicate_rules.at_field(record_type)
    if key == NAME:
        label = _("Name, also spelled otherwise or in another script")
    elif key == NAME_AT and at is not None:
        label = _("Such a name together with: %(field)s") % {"field": at.label[language]}
    else:
        label = record_type.spec(key).label[language]
    return {"key": f"{PREFIX}{record_type.key}-{key}", "kind": "integer", "label": label, "value": str(weight)}


def _save(request: HttpRequest, item: str) -> HttpResponse:
    record_type = next((one for one in _types(request) if one.key == request.GET.get("type")), None)
    if record_type is None:
        raise NotFound()
    return kit.save(request, "duplicates", record_type.key, lambda: _command(request, record_type))


def _command(request: HttpRequest, record_type: RecordType) -> SaveSetting:
    held = DuplicateRules.objects.filter(type_key=record_type.key).first()
    weights: dict[str, int] = dict(duplicate_rules.of(actor_of(request).state, record_type).weights)
    wrong: dict[str, list[str]] = {}
    offered = duplicate_rules.offered(record_type)
    weights = {key: weights.get(key, 0) for key in offered}
    for key in offered:
        weights[key] = _number(request, f"{PREFIX}{record_type.key}-{key}", 0, weights[key], wrong)
    threshold = _number(request, f"threshold-{record_type.key}", 1, duplicate_rules.THRESHOLD, wrong)
    if wrong:
        raise Invalid(fields=wrong)
    shipped = duplicate_rules.shipped(record_type)
    weights = {key: weight for key, weight in weights.items() if weight or key in shipped}
    values = {"type_key": record_type.key, "weights": weights, "threshold": threshold}
    return SaveSetting("duplicate_rules", values, held.pk if held else None)


def _number(request: HttpRequest, name: str, low: int, held: int, wrong: dict[str, list[str]]) -> int:
    text = request.POST.get(name)
    if text is None:
        return held
    text = text.strip() or str(low)
    if text.isdecimal() and len(text) < 4 and low <= int(text) <= 100:
        return int(text)
    wrong[name] = [_("Enter a whole number from %(low)s to %(high)s.") % {"low": low, "high": 100}]
    return held


def _weights_told(actor: Actor, old: Any, new: Any) -> Iterator[changed.Told]:
    """The weights that are others now, by what they are of."""
    before, after = old or {}, new or {}
    labels = {spec.key: spec.label[actor.language] for one in actor.state.record_types.values() for spec in one.specs}
    names = {NAME: _("Name, also spelled otherwise or in another script"), NAME_AT: _("Such a name at the same place")}
    for key in dict.fromkeys([*before, *after]):
        if before.get(key, 0) != after.get(key, 0):
            was = str(before[key]) if key in before else "–"
            yield names.get(key) or labels.get(key, key), was, str(after.get(key, 0))


def register() -> None:
    """Add the page to the settings of the company."""
    changed.add("duplicate_rules", changed.Words(dict, parts={"weights": _weights_told}))
    kit.add(SettingsPage(
        "duplicates", lambda: _("Duplicates"), "users", 165, _cards, {"save": _save}, "settings",
        words=lambda: _("likely the same, merge, weights"),
        intro=lambda: _("By what two cards are likely the same: while typing, in imports, in the queue of pairs."),
    ))  # fmt: skip

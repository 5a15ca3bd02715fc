"""Form fields from FieldSpecs and back: docs/ui-forms.md is the contract with the templates."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel import phones, units
from comity.kernel.money import format_number
from comity.kernel.text import fold, whole_number
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.records.types import RecordType
from comity.ui import codes

KIND = {
    "choices": "multichoice", "card": "link", "phones": "points", "emails": "points", "handles": "points",
}  # fmt: skip
POINT_LABELS: dict[str, list[tuple[str, str | Promise]]] = {
    "phones": [("work", gettext_lazy("Work")), ("mobile", gettext_lazy("Mobile")), ("home", gettext_lazy("Home")),
               ("fax", gettext_lazy("Fax"))],
    "emails": [("work", gettext_lazy("Work")), ("private", gettext_lazy("Private")),
               ("billing", gettext_lazy("Billing"))],
    "handles": [(one, one) for one in ("Telegram", "WhatsApp", "Viber", "Signal", "VK", "MAX", "LinkedIn")],
}  # fmt: skip
CHOSEN = frozenset({"choice", "choices", "user", "team", "country", "currency", "language", "address", "money"})


def with_current(choices: list[dict[str, Any]], value: Any) -> list[dict[str, Any]]:
    """The choices with the value the field holds, so that saving a form never loses one no longer offered."""
    held = value.get("currency") if isinstance(value, Mapping) else value
    if isinstance(held, str) and held and all(one["value"] != held for one in choices):
        return [*choices, {"value": held, "label": held}]
    return choices


def field(actor: Actor, spec: FieldSpec, value: Any, errors: list[str] | None = None) -> dict[str, Any]:
    """The form field of a spec holding `value` (as in records.kinds)."""
    language = actor.language
    kind = KIND.get(spec.kind, spec.kind)
    made: dict[str, Any] = {
        "key": spec.key,
        "label": spec.label[language],
        "help": spec.help[language] if spec.help else "",
        "kind": kind,
        "errors": errors or [],
        "required": bool(spec.required),
        "value": shown_value(actor, spec, value),
        "dup": spec.duplicate,
    }
    if spec.kind in ("text", "url", "taxnumber"):
        made["max_length"] = spec.max_length
    if spec.unit and spec.kind in ("integer", "number"):
        made["unit"] = str(units.get(spec.unit).sign)
    if spec.kind in CONTACT_KINDS:
        made["choices"] = [{"value": spec.kind, "label": spec.label[language]}]
        made["labels"] = [{"value": key, "label": str(label)} for key, label in POINT_LABELS[spec.kind]]
    elif spec.kind in CHOSEN:
        made["choices"] = with_current(choices_of(actor, spec), made["value"])
        if spec.kind == "user":  # a colleague who has left keeps his name on what he held
            for one in made["choices"]:
                one["label"] = actor.state.users[UUID(one["value"])].name
    elif spec.kind == "link":
        made |= {"type": spec.target, "lookup_url": f"/lookup/{spec.target}"}
    elif spec.kind == "card":
        made["lookup_url"] = "/lookup/card"
    elif spec.kind == "relation":
        made |= {"kind": "multilink"} if spec.several else {"kind": "link"}
        made["lookup_url"] = f"/lookup/{spec.target or 'card'}"
    elif spec.kind == "file":
        accept = ",".join(f".{one}" for one in spec.extra["accept"])
        made |= {"kind": "files", "several": spec.several, "accept": accept}
    elif spec.kind in ("tags", "languages"):
        made["lookup_url"] = f"/lookup/{'tag' if spec.kind == 'tags' else 'language'}"
    return made


def choices_of(actor: Actor, spec: FieldSpec) -> list[dict[str, Any]]:
    """What a field offers, in the reader's language."""
    language = actor.language
    state = actor.state
    match spec.kind:
        case "user":
            return [{"value": str(key), "label": user.name} for key, user in state.users.items() if user.active]
        case "team":
            return [{"value": str(key), "label": team.name} for key, team in state.teams.items()]
        case "tags":
            return [{"value": str(key), "label": tag.name, "hue": tag.hue} for key, tag in state.tags.items()]
        case "country" | "address":
            return codes.countries(language)
        case "language" | "languages":
            return codes.languages(language)
        case "currency" | "money":
            organization = state.organization
            return codes.currencies(language, [organization.currency, *organization.currencies] if organization else [])
    return [{"value": one.key, "label": one.label[language], "hue": one.hue} for one in spec.choices if not one.retired]


def shown_value(actor: Actor, spec: FieldSpec, value: Any) -> Any:
    """A value as its control wants it."""
    language = actor.language
    match spec.kind:
        case "integer":
            return "" if value is None else str(value)
        case "number" | "percent":
            return "" if value is None else format_number(value, language).replace("\u00a0", "").replace("\u202f", "")
        case "money":
            amount, currency = value or (None, "")
            organization = actor.state.organization
            return {
                "amount": "" if amount is None else format_number(amount, language).replace("\u00a0", " "),
                "currency": currency or (organization.currency if organization else "EUR"),
            }
        case "date":
            return value.isoformat() if value else ""
        case "datetime":
            local = value.astimezone(ZoneInfo(actor.timezone)) if value else None
            return local.strftime("%Y-%m-%dT%H:%M") if local else ""
        case "user" | "team":
            return str(value) if value else ""
        case "link" | "card":
            for ref in kinds.refs(spec, value):
                if title := policy.titles(actor, {ref}).get(ref):
                    return {"id": str(value), "title": title}
            return None  # a hidden card leaves no trace
        case "relation":
            titles = policy.titles(actor, value or ())
            seen = [ref for ref in value or () if ref in titles]
            items = [{"id": str(ref.id if spec.target else ref), "title": titles[ref]} for ref in seen]
            return items if spec.several else next(iter(items), None)
        case "file":
            return [{"id": str(one.id), "title": one.name} for one in value or ()]
        case "choices":
            return list(value or ())
        case "languages":
            return [{"id": key, "title": codes.language_name(key, language)} for key in value or ()]
        case "tags":
            known = actor.state.tags
            return [
                {"id": str(key), "title": known[key].name, "hue": known[key].hue} for key in value or () if key in known
            ]
        case "phones" | "emails" | "handles":
            return [_point(spec, point, n) for n, point in enumerate(value or ())]
        case "taxnumber":
            return {"number": value or "", "country": ""}
    return value if value is not None else ""


def _point(spec: FieldSpec, point: Mapping[str, str], n: int) -> dict[str, Any]:
    value = point["value"]
    if spec.kind == "phones":
        value = phones.display(value) + (f" ext. {point['ext']}" if point.get("ext") else "")
    return {"id": str(n), "kind": spec.kind, "label": point.get("label", ""), "value": value, "primary": n == 0}


def raw_values(actor: Actor, record_type: RecordType, post: QueryDict) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What a posted form says, by field key, in the raw forms records.kinds.clean takes; and errors found here.

    A field none of whose names was posted was not on the form: it is left alone.
    """
    found: dict[str, Any] = {}
    wrong: dict[str, list[str]] = {}
    for spec, level in policy.shown_fields(actor, record_type):
        if level != "write":
            continue
        try:
            raw = _raw(actor, spec, post)
        except kinds.BadValue as problem:
            wrong[spec.key] = [str(problem)]
            continue
        if raw is not None:
            found[spec.key] = raw[0]
    return found, wrong


def _raw(actor: Actor, spec: FieldSpec, post: QueryDict) -> tuple[Any] | None:
    key = spec.key
    match spec.kind:
        case "money":
            if f"{key}-amount" not in post:
                return None
            return ({"amount": post[f"{key}-amount"], "currency": post.get(f"{key}-currency", "")},)
        case "address":
            parts = {part: post[f"{key}-{part}"] for part in kinds.ADDRESS_PARTS if f"{key}-{part}" in post}
            return (parts,) if parts else None
        case "taxnumber":
            name = f"{key}-number" if f"{key}-number" in post else key
            return (post[name],) if name in post else None
        case "phones" | "emails" | "handles":
            return (_points(key, post),) if f"{key}-count" in post else None
        case "choices":
            return ([one for one in post.getlist(key) if one],) if key in post else None
        case "languages" | "tags":
            if key not in post and f"{key}_new" not in post:
                return None
            return ([one for one in post.getlist(key) if one] + _new_items(actor, spec, post.get(f"{key}_new", "")),)
        case "relation" if spec.several:
            if key not in post and f"{key}_new" not in post:
                return None
            typed = [part for part in post.get(f"{key}_new", "").split(",") if part.strip()]
            return ([one for one in post.getlist(key) if one] + [_named(actor, spec, part) for part in typed],)
        case "link" | "card" | "relation":
            return _link(actor, spec, post)
        case "file":
            return _files(spec, post)
    return (post.getlist(key)[-1],) if key in post else None


def raw_of(actor: Actor, spec: FieldSpec, post: QueryDict) -> Any:
    """What a posted form says of one field, as raw input; None when it was not on it. Raises kinds.BadValue."""
    found = _raw(actor, spec, post)
    return found[0] if found else None


def _points(key: str, post: QueryDict) -> list[dict[str, str]]:
    count = post.get(f"{key}-count", "0")
    rows = []
    for n in range(min(whole_number(count), 30)):
        value = post.get(f"{key}-{n}-value", "").strip()
        if value:
            rows.append({"value": value, "label": post.get(f"{key}-{n}-label", ""), "n": str(n)})
    primary = post.get(f"{key}-primary", "")
    rows.sort(key=lambda row: row.pop("n") != primary)
    return rows


def _new_items(actor: Actor, spec: FieldSpec, text: str) -> list[str]:
    """Names typed as free text: those that exist count as chosen, others are an error."""
    wanted = [" ".join(part.split()) for part in text.split(",") if part.strip()]
    if not wanted:
        return []
    if spec.kind == "tags":
        known = {tag.name.casefold(): str(key) for key, tag in actor.state.tags.items()}
    else:
        known = {one["label"].casefold(): one["value"] for one in codes.languages(actor.language)}
    missing = [name for name in wanted if name.casefold() not in known]
    if missing:
        raise kinds.BadValue(_("There is no “%(name)s” in the list.") % {"name": missing[0]})
    return [known[name.casefold()] for name in wanted]


def _link(actor: Actor, spec: FieldSpec, post: QueryDict) -> tuple[Any] | None:
    """A combobox: the chosen key, or without scripts the one record that bears the typed name."""
    if spec.key not in post and f"{spec.key}_text" not in post:
        return None
    chosen, typed = post.get(spec.key, ""), post.get(f"{spec.key}_text")
    if typed is None:
        return (chosen,)
    typed = " ".join(typed.split())
    if not typed:
        return (None,)
    if chosen:
        ref = kinds.refs(spec, kinds.clean(spec, chosen, actor.env))[0]
        if policy.titles(actor, {ref}).get(ref) == typed:
            return (chosen,)
    return (_named(actor, spec, typed),)


def _named(actor: Actor, spec: FieldSpec, typed: str) -> str:
    """The key of the one card that bears a typed name, of those he sees; raises BadValue."""
    types, typed = actor.state.record_types, " ".join(typed.split())
    hits: list[tuple[str, str]] = []
    for target in [types[spec.target]] if spec.target else types.values():
        named = policy.visible(actor, target).filter(title_fold__startswith=fold(typed))
        prefix = "" if spec.target else f"{target.key}:"
        hits += [(f"{prefix}{key}", title) for key, title in named.values_list("id", "title_fold")[:10]]
    exact = [key for key, title in hits if title == fold(typed)]
    if len(exact) == 1 or len(hits) == 1:
        return exact[0] if len(exact) == 1 else hits[0][0]
    raise kinds.BadValue(_("Choose one of the list."))


def _files(spec: FieldSpec, post: QueryDict) -> tuple[Any] | None:
    """The files that stay, and those received with this form (see `with_files`). Of one, the new takes its place."""
    if spec.key not in post:
        return None
    new: list[Any] = getattr(post, "received", {}).get(spec.key, [])
    kept = [one for one in post.getlist(spec.key) if one]
    return (new if new and not spec.several else [*kept, *new],)


def typed_value(actor: Actor, spec: FieldSpec, raw: Any) -> Any:
    """After a refused post: what was typed, in the form of `shown_value`."""
    try:
        return shown_value(actor, spec, kinds.clean(spec, raw, actor.env))
    except kinds.BadValue:
        pass
    if spec.kind in CONTACT_KINDS:
        rows = raw if isinstance(raw, list) else []
        return [{"id": str(n), "kind": spec.kind, "primary": n == 0, **row} for n, row in enumerate(rows)]
    if spec.kind == "taxnumber":
        return {"number": raw, "country": ""}
    if spec.kind in ("link", "card") or (spec.kind == "relation" and not spec.several):
        return None
    if spec.kind in ("tags", "languages", "choices", "relation", "file"):
        return []
    return raw


def filled(made: dict[str, Any], value: Any) -> dict[str, Any]:
    """A form field with another value, in the form of `shown_value`."""
    choices = made.get("choices")
    return made | {"value": value} | ({"choices": with_current(choices, value)} if choices is not None else {})

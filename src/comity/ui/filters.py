"""Filters in addresses and in words: rows of the editor, chips, and the condition tree between them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.text import listed
from comity.records import kinds
from comity.records.conditions import Where, operators
from comity.records.fields import CONTACT_KINDS, LINK_KINDS, NUMBER_KINDS, TEXT_KINDS, FieldSpec
from comity.records.labels import LANGUAGES, Label
from comity.records.types import RecordType
from comity.ui import forms, names
from comity.ui.cells import written_day

MAX_ROWS = 20
LISTS = frozenset({"choice", "choices", "language", "languages", "country", "currency", "user", "team", "tags"})
OPERATORS = {
    "contains": gettext_lazy("contains"), "is": gettext_lazy("is"), "is_not": gettext_lazy("is not"),
    "starts": gettext_lazy("starts with"), "empty": gettext_lazy("is empty"), "filled": gettext_lazy("is filled in"),
    "more": gettext_lazy("more than"), "less": gettext_lazy("less than"), "before": gettext_lazy("before"),
    "after": gettext_lazy("after"), "between": gettext_lazy("from … to"), "today": gettext_lazy("today"),
    "past_days": gettext_lazy("in the past days"),
    "next_days": gettext_lazy("in the coming days"), "this_month": gettext_lazy("this month"),
    "any": gettext_lazy("is one of"), "none": gettext_lazy("is none of"), "yes": gettext_lazy("yes"),
    "no": gettext_lazy("no"),
}  # fmt: skip
NO_VALUE = frozenset({"empty", "filled", "today", "this_month", "yes", "no"})


class Fields(dict[str, FieldSpec]):
    """The fields somebody may filter by, by key; `get` knows those of linked cards too ("company.industry")."""

    def __init__(self, actor: Actor, record_type: RecordType) -> None:
        super().__init__({spec.key: spec for spec in policy.readable_fields(actor, record_type)})
        self.actor = actor

    def get(self, key: str, default: Any = None) -> Any:
        """The field of that key or path; `default` where there is none for him."""
        link, dot, rest = key.partition(".")
        if not dot:
            return super().get(key, default)
        return next((one for one in self.beyond(link) if one.key == f"{link}.{rest}"), default)

    def links(self) -> list[FieldSpec]:
        """The fields that lead to cards of one kind, of which he may see some."""
        types = self.actor.state.record_types
        return [
            spec for spec in self.values()
            if spec.kind in ("link", "relation") and spec.target in types
            and not (spec.kind == "link" and spec.stored != "column") and not self.actor.state.off_types & {spec.target}
        ]  # fmt: skip

    def beyond(self, link: str) -> list[FieldSpec]:
        """The fields of the cards a link leads to, as fields of this card: by path, named after both."""
        via = next((one for one in self.links() if one.key == link), None)
        if via is None:
            return []
        found = []
        for spec in policy.readable_fields(self.actor, self.actor.state.record_types[via.target]):
            if spec.kind not in LINK_KINDS:
                names = {one: f"{via.label[one]}: {spec.label[one]}" for one in LANGUAGES}
                found.append(replace(spec, key=f"{via.key}.{spec.key}", label=Label.of(names)))
        return found


def filterable(actor: Actor, record_type: RecordType) -> Fields:
    """The fields he may filter by: those he reads in clear."""
    return Fields(actor, record_type)


def from_query(query: QueryDict, fields: Mapping[str, FieldSpec]) -> Where:
    """The tree of an address; unfinished rows (no value yet) are left out."""
    leaves = []
    for n in row_numbers(query):
        spec = fields.get(query.get(f"f-{n}", ""))
        if spec is None:
            continue
        op = query.get(f"op-{n}", "")
        if op not in operators(spec.kind):
            continue
        leaf: dict[str, Any] = {"field": spec.key, "op": op}
        if op not in NO_VALUE:
            values = [value for value in query.getlist(f"v-{n}") if value]
            if not values or (op == "between" and len(values) != 2):
                continue
            leaf["value"] = values if op == "between" or spec.kind in LISTS or spec.kind in LINK_KINDS else values[-1]
        leaves.append(leaf)
    if not leaves:
        return {}
    return {"any" if query.get("match") == "any" else "all": leaves}


def row_numbers(query: QueryDict) -> list[int]:
    """The numbers of the editor's rows, in order, as far as they are sane."""
    numbers = {int(key[2:]) for key in query if key.startswith("f-") and key[2:].isdecimal() and len(key) < 6}
    return sorted(numbers)[:MAX_ROWS]


def leaves_of(where: Where) -> tuple[str, list[Mapping[str, Any]]]:
    """(match, leaves) of a tree the editor can show: one level of all or any."""
    for match in ("all", "any"):
        if match in where:
            return match, [leaf for leaf in where[match] if "field" in leaf]
    return "all", []


def to_params(where: Where) -> list[tuple[str, str]]:
    """The address parameters of a one-level tree."""
    match, leaves = leaves_of(where)
    params = [("match", match)]
    for n, leaf in enumerate(leaves):
        params += [(f"f-{n}", str(leaf["field"])), (f"op-{n}", str(leaf["op"]))]
        value = leaf.get("value")
        if value is not None:
            params += [(f"v-{n}", str(one)) for one in (value if isinstance(value, list) else [value])]
    return params


def value_text(actor: Actor, record_type: RecordType, spec: FieldSpec, op: str, value: Any) -> str:
    """The value of a condition in plain words."""
    values = value if isinstance(value, list) else [value]
    language = actor.language
    if op in ("past_days", "next_days"):
        return _days_text(op, str(value))
    if op in NO_VALUE:
        return str(OPERATORS[op])
    words = [_one_value(actor, spec, str(one), language) for one in values]
    if op == "between":
        return _("%(first)s to %(last)s") % {"first": words[0], "last": words[-1]}
    text = listed(words, language)
    if op in ("any", "contains") or (op == "is" and spec.kind not in TEXT_KINDS):
        return text
    return f"{OPERATORS[op]} {text}"


def _days_text(op: str, value: str) -> str:
    days = int(value) if value.isdecimal() and len(value) < 9 else 100  # it chooses the form of the word, no more
    if op == "past_days":
        text = ngettext("in the past %(days)s day", "in the past %(days)s days", days)
    else:
        text = ngettext("in the coming %(days)s day", "in the coming %(days)s days", days)
    return text % {"days": value}


def _one_value(actor: Actor, spec: FieldSpec, value: str, language: str) -> str:
    if value == "me":
        return _("me")
    if value == "my_team":
        return _("my team")
    if spec.kind in ("language", "country", "currency"):
        return names.code_name(spec.kind, value, language)
    if spec.kind in ("choice", "choices", "languages"):
        return names.choice_name(spec, value, language)
    if spec.kind in LINK_KINDS:
        try:
            refs = kinds.refs(spec, kinds.from_json(spec, value))
        except ValueError:
            return "?"
        return next(iter(policy.titles(actor, refs).values()), "?")
    if spec.kind in ("user", "team", "tags"):
        try:
            key = UUID(value)
        except ValueError:
            return "?"
        state: Any = actor.state
        found = {"user": state.users, "team": state.teams, "tags": state.tags}[spec.kind].get(key)
        return found.name if found else "?"
    if spec.kind in ("date", "datetime"):
        return _day_text(value, language)
    return value


def _day_text(value: str, language: str) -> str:
    try:
        return written_day(date.fromisoformat(value), "d MMM y", language)
    except ValueError:
        return value


def chips(actor: Actor, record_type: RecordType, where: Where, url: str, keep: list[tuple[str, str]]) -> list[Any]:
    """The filter as chips, each with the address that takes it away."""
    readable = filterable(actor, record_type)
    match, leaves = leaves_of(where)
    found = []
    for n, leaf in enumerate(leaves):
        spec = readable.get(str(leaf["field"]))
        if spec is None:
            continue
        rest = {match: [other for m, other in enumerate(leaves) if m != n]}
        found.append({
            "label": spec.label[actor.language],
            "value": value_text(actor, record_type, spec, str(leaf["op"]), leaf.get("value")),
            "remove_url": f"{url}?{urlencode(keep + to_params(rest))}",
            "edit_url": f"{url}filter?{urlencode(keep + to_params(where))}",
        })  # fmt: skip
    return found


def editor_rows(actor: Actor, record_type: RecordType, query: QueryDict, url: str) -> list[dict[str, Any]]:
    """The rows of the filter editor out of its own form."""
    fields = filterable(actor, record_type)
    rows = []
    for n in row_numbers(query):
        spec = fields.get(query.get(f"f-{n}", ""))
        if spec is None:
            continue
        known = operators(spec.kind)
        op = query.get(f"op-{n}", "")
        op = op if op in known else known[0]
        rows.append({
            "n": n,
            "field": spec.key,
            "label": spec.label[actor.language],
            "ops": [{"value": one, "label": str(OPERATORS[one]), "current": one == op} for one in known],
            "value": None if op in NO_VALUE else _value_field(actor, spec, op, n, query.getlist(f"v-{n}")),
            "remove_url": f"{url}?{_without(query, n)}",
        })  # fmt: skip
    return rows


def _without(query: QueryDict, n: int) -> str:
    kept = query.copy()
    for name in (f"f-{n}", f"op-{n}", f"v-{n}", "add", "remove"):
        kept.pop(name, None)
    return kept.urlencode()


def _value_field(actor: Actor, spec: FieldSpec, op: str, n: int, values: list[str]) -> dict[str, Any]:
    """The form field for a condition's value."""
    base: dict[str, Any] = {"key": f"v-{n}", "label": spec.label[actor.language], "errors": [], "required": False}
    value = values[-1] if values else ""
    if spec.kind in LISTS:
        choices = forms.choices_of(actor, spec)
        if spec.kind == "user":
            choices = [{"value": "me", "label": _("me")}, *choices]
        if spec.kind == "team":
            choices = [{"value": "my_team", "label": _("my team")}, *choices]
        return base | {"kind": "multichoice", "choices": choices, "value": [one for one in values if one]}
    if spec.kind in LINK_KINDS:
        target, items = spec.target or "card", []
        for one in values:
            if title := _one_value(actor, spec, one, actor.language) if one else "":
                items.append({"id": one, "title": title})
        return base | {"kind": "multilink", "value": items, "type": target, "lookup_url": f"/lookup/{target}"}
    if op in ("past_days", "next_days"):
        return base | {"kind": "integer", "value": value, "unit": _("days")}
    if op == "between":
        inputs = "date" if spec.kind in ("date", "datetime") else "number"
        return base | {"kind": "range", "inputs": inputs, "value": (*values, "", "")[:2]}
    if spec.kind in ("date", "datetime"):
        return base | {"kind": "date", "value": value}
    if spec.kind in NUMBER_KINDS or spec.kind == "money":
        return base | {"kind": "number", "value": value}
    kind = "phone" if spec.kind == "phones" else "text"
    return base | {"kind": kind if spec.kind in CONTACT_KINDS else "text", "value": value}

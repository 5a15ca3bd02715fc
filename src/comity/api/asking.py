"""What a list is asked: conditions, order, the place to go on from; read from an address, refused in words."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor
from comity.kernel.errors import Invalid
from comity.records import conditions
from comity.records.conditions import BadCondition, Where
from comity.records.fields import CONTACT_KINDS, NUMBER_KINDS, TEXT_KINDS, FieldSpec
from comity.records.types import RecordType
from comity.ui import lists

MAX_SIZE, SIZE = 200, 50
RESERVED = frozenset({"where", "sort", "at", "size", "fields", "include", "q", "count"})
_ONE_VALUE = TEXT_KINDS | NUMBER_KINDS | CONTACT_KINDS | {"money", "date", "datetime", "address"}
_NO_VALUE = frozenset({"empty", "filled", "today", "this_month", "yes", "no"})
_SEVERAL = frozenset({"any", "none", "between"})


def where_of(actor: Actor, record_type: RecordType, asked: Mapping[str, list[str]]) -> Where:
    """The tree of `where` and of the simple filters, `field=value` and `field__op=value`; raises Invalid."""
    trees: list[Any] = []
    given = asked.get("where", [""])[-1]
    if given:
        trees.append(_tree(given))
    for name, values in asked.items():
        if name not in RESERVED:
            trees.extend(_leaf(actor, record_type, name, value) for value in values)
    where: Where = trees[0] if len(trees) == 1 else {"all": trees} if trees else {}
    try:
        conditions.compile_q(where, policy.condition_scope(actor, record_type))
    except BadCondition:
        raise Invalid(fields={"where": [_("The filter names a field, operator or value that does not fit.")]}) from None
    return where


def _tree(text: str) -> Where:
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        tree = None
    if not isinstance(tree, dict):
        raise Invalid(fields={"where": [_("Send a condition tree as JSON.")]})
    return tree


def _leaf(actor: Actor, record_type: RecordType, name: str, value: str) -> Where:
    path, _mark, op = name.partition("__")
    spec = _field(actor, record_type, path)
    if spec is None:
        raise Invalid(fields={name[:80]: [_("There is no such filter.")]})
    op = op or _usual(spec, value)
    if op not in conditions.operators(spec.kind):
        known = ", ".join(conditions.operators(spec.kind))
        raise Invalid(fields={name[:80]: [_("This field is filtered by: %(known)s.") % {"known": known}]})
    if op in _NO_VALUE:
        return {"field": path, "op": op}
    return {"field": path, "op": op, "value": value.split(",") if op in _SEVERAL else value}


def _field(actor: Actor, record_type: RecordType, path: str) -> FieldSpec | None:
    """The field of a path he reads in clear: "name", or "company.name" of the card a link points to."""
    key, _dot, rest = path.partition(".")
    spec = next((one for one in policy.readable_fields(actor, record_type) if one.key == key), None)
    if spec is None or not rest:
        return spec
    target = actor.state.record_types.get(spec.target)
    return _field(actor, target, rest) if target and spec.kind in ("link", "relation") and rest.count(".") < 5 else None


def _usual(spec: FieldSpec, value: str) -> str:
    if spec.kind == "bool":
        return "yes" if value.lower() in ("true", "1", "yes") else "no"
    if spec.kind in CONTACT_KINDS or spec.kind == "address":
        return "contains"
    return "is" if spec.kind in _ONE_VALUE else "any"


def order_of(actor: Actor, record_type: RecordType, text: str) -> lists.Order:
    """The order of "title" or "-updated_at"; raises Invalid for a field that gives none, or that he does not read."""
    sortable = lists.sortable_fields(actor, record_type)
    if text.removeprefix("-") not in ("title", *sortable):
        raise Invalid(fields={"sort": [_("The list can’t be sorted by this.")]})
    return lists.Order.parse(text, sortable)


def size_of(text: str) -> int:
    """How many cards a page has; raises Invalid."""
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    if not 1 <= number <= MAX_SIZE:
        raise Invalid(fields={"size": [_("Choose a number from 1 to %(most)s.") % {"most": MAX_SIZE}]})
    return number


def question(actor: Actor, record_type: RecordType, where: Mapping[str, Any], order: lists.Order | str) -> str:
    """A digest of who asks what in which order: a cursor serves the list it was given with, and no other."""
    asked = json.dumps([str(actor.user_id), record_type.key, where, str(order)], sort_keys=True, default=str)
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def _signature(text: str) -> str:
    return salted_hmac("comity.api.cursor", text, algorithm="sha256").hexdigest()[:32]


def cursor_text(cursor: lists.Cursor | None, digest: str) -> str | None:
    """A place in a list as programs get it: bound to its question, and signed."""
    if cursor is None:
        return None
    text = f"{cursor.text()}.{digest}"
    return f"{text}.{_signature(text)}"


def cursor_of(text: str, digest: str) -> lists.Cursor | None:
    """The place a program sends back; raises Invalid for one that is not ours, or of another filter or order."""
    if not text:
        return None
    signed, _dot, signature = text.rpartition(".")
    place, _dot, of = signed.rpartition(".")
    if not hmac.compare_digest(_signature(signed).encode(), signature.encode()):
        raise Invalid(
            fields={"at": [_("This is no place in a list that was given out here. Begin at the first page.")]}
        )
    if of != digest:
        raise Invalid(fields={"at": [_("This place belongs to another filter or order. Begin at the first page.")]})
    return lists.Cursor.parse(place)

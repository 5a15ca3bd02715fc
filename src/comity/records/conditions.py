"""Conditions: one tree for filters, saved views, sharing rules, segments, rules and reports.

    {"all": [node, ...]}   {"any": [node, ...]}   {"not": node}
    {"field": "industry", "op": "any", "value": ["trade"]}      a dot follows a link: "company.industry"

`compile_q` makes SQL of it, `holds` judges one record's values; property tests hold them against each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from comity.kernel.phones import digits
from comity.kernel.text import clean, fold
from comity.records import json_access, kinds
from comity.records.days import days, edge, pair
from comity.records.fields import CONTACT_KINDS, NUMBER_KINDS, TEXT_KINDS, FieldSpec
from comity.records.models import ContactPoint, Relation, StoredFile, TagLink
from comity.records.scope import BadCondition, Scope

__all__ = ["BadCondition", "Scope", "compile_q", "holds", "leaves", "operators", "point_fold"]

Where = Mapping[str, Any]
MAX_NODES = 100
MAX_SOUGHT = 1000  # characters looked for; SQLite refuses patterns beyond 50,000 bytes

_TEXT = ("contains", "is", "is_not", "starts", "empty", "filled")
_NUMBER = ("is", "more", "less", "between", "empty", "filled")
_DAY = ("is", "before", "after", "between", "today", "past_days", "next_days", "this_month", "empty", "filled")
_LIST = ("any", "none", "empty", "filled")
_POINTS = ("contains", "empty", "filled")
_HELD = ("filled", "empty")
_OPPOSITE = {"empty": "filled", "is_not": "is", "none": "any", "no": "yes"}
_NULLABLE = NUMBER_KINDS | {"money", "date", "datetime", "user", "team", "link", "card"}
_NOTHING = Q(pk__in=[])
_EVERYTHING = ~_NOTHING  # not Q(), which Django leaves out of an "or"


def operators(kind: str) -> tuple[str, ...]:
    """The operators a field of that kind knows, in the order they are offered."""
    if kind in TEXT_KINDS:
        return _TEXT
    if kind in NUMBER_KINDS or kind == "money":
        return _NUMBER
    if kind in ("date", "datetime"):
        return _DAY
    if kind == "bool":
        return ("yes", "no")
    if kind in CONTACT_KINDS or kind == "address":
        return _POINTS
    return _HELD if kind == "file" else _LIST


def leaves(where: Where) -> list[Where]:
    """Every field condition of the tree; raises BadCondition when it is malformed or too large."""
    found: list[Where] = []
    pending: list[Any] = [where] if where else []
    seen = 0
    while pending:
        node = pending.pop()
        seen += 1
        if seen > MAX_NODES or not isinstance(node, Mapping):
            raise BadCondition("malformed or too many conditions")
        if "field" in node:
            found.append(node)
        elif "not" in node:
            pending.append(node["not"])
        else:
            branch = node.get("all", node.get("any"))
            if not isinstance(branch, list):
                raise BadCondition("a branch holds a list")
            pending.extend(branch)
    return found


def compile_q(where: Where, scope: Scope) -> Q:
    """The tree as a Q over the type's model; raises BadCondition."""
    leaves(where)
    return _compile(where, scope, True) if where else Q()


def _compile(node: Where, scope: Scope, wanted: bool) -> Q:
    """The node, or its opposite. "Not" is carried down to the leaves, so that above them SQL's "unknown" is "no"."""
    if "field" in node:
        return _leaf(str(node["field"]), str(node.get("op", "")), node.get("value"), scope, wanted)
    if "not" in node:
        return _compile(node["not"], scope, not wanted)
    every = "all" in node
    parts = [_compile(child, scope, wanted) for child in node["all" if every else "any"]]
    if not parts:
        return _EVERYTHING if every == wanted else _NOTHING
    return reduce(and_ if every == wanted else or_, parts)


def _spec(key: str, op: str, scope: Scope) -> FieldSpec:
    spec = scope.fields.get(key)
    if spec is None or op not in operators(spec.kind):
        raise BadCondition(f"{key} {op}")
    return spec


def _leaf(path: str, op: str, value: Any, scope: Scope, wanted: bool) -> Q:
    key, _dot, rest = path.partition(".")
    if rest:
        q = _linked(scope.fields.get(key), rest, op, value, scope)
        return q if wanted else ~q
    spec = _spec(key, op, scope)
    if op in _OPPOSITE:
        op, wanted = _OPPOSITE[op], not wanted
    if spec.stored == "rows":
        q = _rows(spec, op, value, scope)
        return q if wanted else ~q
    field_ = _Custom(spec) if spec.stored == "custom" else _Column(spec)
    q = field_.filled() if op == "filled" else _test(spec, field_, op, value, scope)
    if spec.kind in ("link", "card") and spec.stored == "column" and scope.linked is not None:
        q &= _seen(spec, scope, scope.linked)
    return q if wanted else field_.opposite(q)


def _seen(spec: FieldSpec, scope: Scope, linked: Callable[[str], tuple[Any, Any]]) -> Q:
    """Whether a link points to a card the actor sees: any other is no card to him, as in what he is shown."""
    if spec.kind == "link":
        return Q(**{f"{spec.attname}__in": linked(spec.target)[1].values("pk")})
    of, key = f"{spec.key}_type", f"{spec.attname}__in"
    return reduce(or_, (Q(**{of: one, key: linked(one)[1].values("pk")}) for one in scope.types), _NOTHING)


def _linked(spec: FieldSpec | None, rest: str, op: str, value: Any, scope: Scope) -> Q:
    """Whether the record linked to is one of those the actor sees that fulfil the condition."""
    if spec is None or not spec.target or spec.kind not in ("link", "relation") or scope.linked is None:
        raise BadCondition(rest)
    fields, records = scope.linked(spec.target)
    inner = replace(scope, fields=fields, type_key=spec.target)
    if spec.kind == "relation":
        found = records.filter(_leaf(rest, op, value, inner, True)).values("pk")
        return Q(Exists(_relations(spec, scope).filter(to_type=spec.target, to_id__in=found)))
    if spec.stored != "column":
        raise BadCondition(rest)
    return Q(**{f"{spec.attname}__in": records.filter(_leaf(rest, op, value, inner, True)).values("pk")})


class _Column:
    """A field in columns of the model."""

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec
        self.name = f"{spec.key}_fold" if spec.has_twin else spec.attname

    def compare(self, lookup: str, value: Any) -> Q:
        """The column (the casefolded twin of a text) beside a value."""
        return Q(**{f"{self.name}__{lookup}": value})

    def filled(self) -> Q:
        """Whether there is a value."""
        spec = self.spec
        if spec.kind == "address":
            return ~Q(**{spec.key: {}})
        if spec.kind in _NULLABLE:
            return Q(**{f"{spec.attname}__isnull": False})
        return ~Q(**{spec.key: ""})

    def opposite(self, q: Q) -> Q:
        """Django itself adds what "unknown" needs."""
        return ~q


class _Custom:
    """A field inside the custom JSON. A bare comparison is what the expression index serves."""

    def __init__(self, spec: FieldSpec) -> None:
        self.spec = spec
        self.source: Any = json_access.expression(spec.kind, spec.key)
        if spec.has_twin:
            self.source = Coalesce(json_access.CustomText(f"{spec.key}_fold"), Value("", TextField()))

    def compare(self, lookup: str, value: Any) -> Q:
        """The value in the JSON beside another: unknown where there is none."""
        value = int(value) if self.spec.kind == "bool" else value
        source = self.source
        if self.spec.has_twin and lookup == "exact" and value:  # as its index has it; nothing is no text at all
            source = json_access.CustomText(f"{self.spec.key}_fold")
            return Q(IsNull(source, False)) & Q(source.output_field.get_lookup(lookup)(source, value))
        return Q(source.output_field.get_lookup(lookup)(source, value))

    def filled(self) -> Q:
        """Whether the key is there: empty values are not kept."""
        return Q(IsNull(json_access.CustomText(self.spec.key), False))

    def opposite(self, q: Q) -> Q:
        """Unknown counts as "no", so its opposite is "yes"."""
        return ~q | Q(IsNull(self.source, True))


def _test(spec: FieldSpec, field_: _Column | _Custom, op: str, value: Any, scope: Scope) -> Q:
    if spec.has_twin:
        return field_.compare({"contains": "contains", "starts": "startswith", "is": "exact"}[op], _sought(value))
    if spec.kind == "bool":
        return field_.compare("exact", True)
    if spec.kind in NUMBER_KINDS or spec.kind == "money":
        if op == "between":
            low, high = (_number(spec, one) for one in pair(value))
            return field_.compare("gte", low) & field_.compare("lte", high)
        return field_.compare({"is": "exact", "more": "gt", "less": "lt"}[op], _number(spec, value))
    if spec.kind in ("date", "datetime"):
        first, end = (edge(spec, day, scope.timezone) for day in days(op, value, scope.today))
        q = Q() if first is None else field_.compare("gte", first)
        return q if end is None else q & field_.compare("lt", end)
    keys = _wanted(spec, value, scope)
    if spec.kind == "card":
        return reduce(or_, (Q(**kinds.store(spec, one)) for one in keys), _NOTHING)
    if spec.kind in ("choices", "languages"):
        return reduce(or_, (field_.compare("contains", f"|{one}|") for one in keys), _NOTHING)
    if spec.stored == "custom":
        keys = [str(one) for one in keys]
    return field_.compare("in", keys) if keys else _NOTHING


def _sought(value: Any) -> str:
    """A text looked for, as the casefolded twins are written."""
    return fold(clean("" if value is None else str(value)))[:MAX_SOUGHT]


def _number(spec: FieldSpec, value: Any) -> int:
    try:
        parsed = kinds.clean(spec, value, kinds.Env())
    except kinds.BadValue as problem:
        raise BadCondition(str(problem)) from problem
    if parsed is None:
        raise BadCondition("a number is missing")
    return int(parsed[0] if spec.kind == "money" else parsed)


def _keys(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one not in (None, "")]


def _wanted(spec: FieldSpec, value: Any, scope: Scope) -> list[Any]:
    """The keys an "any" or "none" means, with "me" and "my_team" resolved."""
    keys = _keys(value)
    if spec.kind == "choices":
        return [one for one in keys if spec.choice(one)]
    if spec.kind == "languages":
        return [one.lower() for one in keys if one.isalpha()]
    if spec.kind == "card":
        return [_card(spec, one) for one in keys]
    if spec.kind == "relation":
        return [ref for one in keys for ref in _card(spec, one)]
    if spec.kind not in ("user", "team", "link", "tags"):
        return [clean(one) for one in keys]
    wanted: list[Any] = []
    for one in keys:
        if one == "me":
            wanted.extend([scope.user_id] if scope.user_id else [])
        elif one == "my_team":
            wanted.extend(sorted(scope.team_ids))
        else:
            try:
                wanted.append(UUID(one))
            except ValueError as problem:
                raise BadCondition(one) from problem
    return wanted


def _card(spec: FieldSpec, key: str) -> Any:
    try:
        return kinds.from_json(spec, key)
    except kinds.BadValue as problem:
        raise BadCondition(key) from problem


def _rows(spec: FieldSpec, op: str, value: Any, scope: Scope) -> Q:
    """Contact points, tags, relations and files live in rows of their own."""
    if spec.kind == "relation":
        return _related(spec, op, value, scope)
    if spec.kind == "tags":
        rows: Any = TagLink.objects.filter(type_key=scope.type_key, record_id=OuterRef("pk"))
        if op == "any":
            rows = rows.filter(tag__in=_wanted(spec, value, scope))
    elif spec.kind == "file":
        rows = StoredFile.objects.filter(
            type_key=scope.type_key, record_id=OuterRef("pk"), field=spec.key, deleted_at=None
        )
    else:
        rows = ContactPoint.objects.filter(type_key=scope.type_key, record_id=OuterRef("pk"), field=spec.key)
        if op == "contains":
            rows = rows.filter(fold__contains=_sought_point(spec, value))
    return Q(Exists(rows))


def _relations(spec: FieldSpec, scope: Scope) -> Any:
    """The rows of a relation field of the record at hand."""
    return Relation.objects.filter(from_type=scope.type_key, from_id=OuterRef("pk"), kind=spec.key)


def _related(spec: FieldSpec, op: str, value: Any, scope: Scope) -> Q:
    """Whether a relation field points to a card the actor sees, or to one of those named."""
    rows = _relations(spec, scope)
    if op == "any":
        wanted = _wanted(spec, value, scope)
        rows = rows.filter(reduce(or_, (Q(to_type=ref.type, to_id=ref.id) for ref in wanted), _NOTHING))
    if scope.linked is not None:
        types = (spec.target,) if spec.target else scope.types
        seen = (Q(to_type=one, to_id__in=scope.linked(one)[1].values("pk")) for one in types)
        rows = rows.filter(reduce(or_, seen, _NOTHING))
    return Q(Exists(rows))


def _sought_point(spec: FieldSpec, value: Any) -> str:
    return point_fold(spec, clean("" if value is None else str(value)))[:MAX_SOUGHT]


def point_fold(spec: FieldSpec, text: str) -> str:
    """How a contact point (or what is looked for in one) is compared: phones by digits, the rest casefolded."""
    if spec.kind == "phones":
        return digits(text)
    return fold(text)


def holds(values: Mapping[str, Any], where: Where, scope: Scope) -> bool:
    """Whether one record's values fulfil the tree: the same answer as `compile_q`, without links' paths."""
    leaves(where)
    return _holds(values, where, scope) if where else True


def _holds(values: Mapping[str, Any], node: Where, scope: Scope) -> bool:
    if "field" in node:
        return _leaf_holds(values, node, scope)
    if "not" in node:
        return not _holds(values, node["not"], scope)
    if "all" in node:
        return all(_holds(values, child, scope) for child in node["all"])
    return any(_holds(values, child, scope) for child in node["any"])


def _leaf_holds(values: Mapping[str, Any], node: Where, scope: Scope) -> bool:
    op, wanted = str(node.get("op", "")), node.get("value")
    spec = _spec(str(node["field"]), op, scope)
    opposite = op in _OPPOSITE
    op = _OPPOSITE.get(op, op)
    value = values.get(spec.key)
    return (not kinds.empty(value) if op == "filled" else _value_holds(spec, op, value, wanted, scope)) != opposite


def _value_holds(spec: FieldSpec, op: str, value: Any, wanted: Any, scope: Scope) -> bool:
    if spec.kind == "bool":
        return bool(value)
    if spec.kind in CONTACT_KINDS:
        sought = _sought_point(spec, wanted)
        return any(sought in point_fold(spec, point["value"]) for point in value or ())
    if spec.has_twin:
        own, sought = fold(kinds.search_text(spec, value)), _sought(wanted)
        return bool({"contains": sought in own, "starts": own.startswith(sought), "is": own == sought}[op])
    if spec.kind in NUMBER_KINDS or spec.kind == "money":
        low, high = (_number(spec, one) for one in (pair(wanted) if op == "between" else (wanted, wanted)))
        if value is None:
            return False
        own_number = value[0] if spec.kind == "money" else value
        within = {"more": own_number > low, "less": own_number < low}.get(op, low <= own_number <= high)
        return bool(within)
    if spec.kind in ("date", "datetime"):
        first, end = days(op, wanted, scope.today)
        if value is None:
            return False
        day = value.astimezone(ZoneInfo(scope.timezone)).date() if spec.kind == "datetime" else value
        return (first is None or day >= first) and (end is None or day < end)
    several = spec.kind in ("choices", "languages", "tags", "relation")
    own_keys = set(value or ()) if several else {value}
    return not own_keys.isdisjoint(_wanted(spec, wanted, scope))

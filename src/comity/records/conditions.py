"""Conditions: one tree for filters, saved views, sharing rules, segments, rules and reports.

    {"all": [node, ...]}   {"any": [node, ...]}   {"not": node}
    {"field": "industry", "op": "any", "value": ["trade"]}      a dot follows a link: "company.industry"

`compile_q` makes SQL of it, `holds` judges one record's values; property tests hold them against each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull

from comity.kernel.text import clean, fold
from comity.records import json_access, kinds
from comity.records.fields import CONTACT_KINDS, NUMBER_KINDS, TEXT_KINDS, FieldSpec
from comity.records.models import ContactPoint, TagLink

Where = Mapping[str, Any]
MAX_NODES = 100
MAX_SOUGHT = 1000  # characters looked for; SQLite refuses patterns beyond 50,000 bytes

_TEXT = ("contains", "is", "is_not", "starts", "empty", "filled")
_NUMBER = ("is", "more", "less", "between", "empty", "filled")
_DAY = ("is", "before", "after", "between", "today", "past_days", "next_days", "this_month", "empty", "filled")
_LIST = ("any", "none", "empty", "filled")
_POINTS = ("contains", "empty", "filled")
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
    return _LIST


class BadCondition(ValueError):
    """The tree names a field the actor cannot read in clear, or an operator or value that does not fit."""


@dataclass(frozen=True)
class Scope:
    """Whose eyes the conditions see with: readable fields per type, visible records behind links, who and when."""

    fields: Mapping[str, FieldSpec]
    type_key: str = ""
    user_id: UUID | None = None
    team_ids: frozenset[UUID] = frozenset()
    timezone: str = "UTC"
    today: date = date(1970, 1, 1)
    # type key -> (its readable fields, its visible records); of every type a card may be of
    linked: Callable[[str], tuple[Mapping[str, FieldSpec], Any]] | None = field(default=None, compare=False)
    types: tuple[str, ...] = ()


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
    if spec is None or spec.kind != "link" or spec.stored != "column" or scope.linked is None:
        raise BadCondition(rest)
    fields, records = scope.linked(spec.target)
    inner = replace(scope, fields=fields, type_key=spec.target)
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
        return Q(self.source.output_field.get_lookup(lookup)(self.source, value))

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
            low, high = (_number(spec, one) for one in _pair(value))
            return field_.compare("gte", low) & field_.compare("lte", high)
        return field_.compare({"is": "exact", "more": "gt", "less": "lt"}[op], _number(spec, value))
    if spec.kind in ("date", "datetime"):
        first, end = (_edge(spec, day, scope) for day in _days(op, value, scope))
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


def _pair(value: Any) -> tuple[Any, Any]:
    """The two ends of a "between", both of them within."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise BadCondition("from and to are missing")
    return value[0], value[1]


def _days(op: str, value: Any, scope: Scope) -> tuple[date | None, date | None]:
    """The span [first, last) of days an operator means; None = open."""
    today, one = scope.today, timedelta(days=1)
    try:
        match op:
            case "today":
                return today, today + one
            case "this_month":
                first = today.replace(day=1)
                return first, (first + timedelta(days=32)).replace(day=1)
            case "past_days":
                return today - timedelta(days=int(value)), today + one
            case "next_days":
                return today, today + timedelta(days=int(value)) + one
            case "between":
                low, high = (date.fromisoformat(str(one)) for one in _pair(value))
                return low, high + one
        day = date.fromisoformat(str(value))
        return {"is": (day, day + one), "before": (None, day), "after": (day + one, None)}[op]
    except (ValueError, TypeError, OverflowError) as problem:
        raise BadCondition("a date or a number of days is missing") from problem


def _edge(spec: FieldSpec, day: date | None, scope: Scope) -> Any:
    """The bound to compare with: the day itself, or the moment it begins in the person's zone."""
    if day is None:
        return None
    if spec.kind == "date":
        return kinds.to_json(spec, day) if spec.stored == "custom" else day
    try:
        moment = datetime.combine(day, time(), ZoneInfo(scope.timezone)).astimezone(UTC)
    except OverflowError as problem:
        raise BadCondition("a day no clock reaches") from problem
    return kinds.to_json(spec, moment) if spec.stored == "custom" else moment


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
    """Contact points and tags live in rows of their own."""
    if spec.kind == "tags":
        rows: Any = TagLink.objects.filter(type_key=scope.type_key, record_id=OuterRef("pk"))
        if op == "any":
            rows = rows.filter(tag__in=_wanted(spec, value, scope))
    else:
        rows = ContactPoint.objects.filter(type_key=scope.type_key, record_id=OuterRef("pk"), field=spec.key)
        if op == "contains":
            rows = rows.filter(fold__contains=_sought_point(spec, value))
    return Q(Exists(rows))


def _sought_point(spec: FieldSpec, value: Any) -> str:
    return point_fold(spec, clean("" if value is None else str(value)))[:MAX_SOUGHT]


def point_fold(spec: FieldSpec, text: str) -> str:
    """How a contact point (or what is looked for in one) is compared: phones by digits, the rest casefolded."""
    if spec.kind == "phones":
        return "".join(str(int(char)) for char in text if char.isdecimal())
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
        low, high = (_number(spec, one) for one in (_pair(wanted) if op == "between" else (wanted, wanted)))
        if value is None:
            return False
        own_number = value[0] if spec.kind == "money" else value
        within = {"more": own_number > low, "less": own_number < low}.get(op, low <= own_number <= high)
        return bool(within)
    if spec.kind in ("date", "datetime"):
        first, end = _days(op, wanted, scope)
        if value is None:
            return False
        day = value.astimezone(ZoneInfo(scope.timezone)).date() if spec.kind == "datetime" else value
        return (first is None or day >= first) and (end is None or day < end)
    own_keys = set(value or ()) if spec.kind in ("choices", "languages", "tags") else {value}
    return not own_keys.isdisjoint(_wanted(spec, wanted, scope))

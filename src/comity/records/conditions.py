"""Conditions: one tree for filters, saved views, sharing rules, segments, rules and reports.

    {"all": [node, ...]}   {"any": [node, ...]}   {"not": node}
    {"field": "industry", "op": "any", "value": ["trade"]}      a dot follows a link: "company.industry"

`compile_q` makes SQL of it, `holds` judges one record's values; property tests hold them against each other.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from comity.kernel.text import fold
from comity.records import json_access, kinds
from comity.records.fields import CONTACT_KINDS, NUMBER_KINDS, TEXT_KINDS, FieldSpec
from comity.records.models import ContactPoint, TagLink

Where = Mapping[str, Any]
MAX_NODES = 100

_TEXT = ("contains", "is", "is_not", "starts", "empty", "filled")
_NUMBER = ("is", "more", "less", "empty", "filled")
_DAY = ("is", "before", "after", "today", "past_days", "next_days", "this_month", "empty", "filled")
_LIST = ("any", "none", "empty", "filled")
_POINTS = ("contains", "empty", "filled")


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
    # type key -> (its readable fields, its visible records)
    linked: Callable[[str], tuple[Mapping[str, FieldSpec], Any]] | None = field(default=None, compare=False)


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
    return _compile(where, scope) if where else Q()


def _compile(node: Where, scope: Scope) -> Q:
    if "field" in node:
        return _leaf(str(node["field"]), str(node.get("op", "")), node.get("value"), scope)
    if "not" in node:
        return ~_compile(node["not"], scope)
    if "all" in node:
        q = Q()
        for child in node["all"]:
            q &= _compile(child, scope)
        return q
    parts = [_compile(child, scope) for child in node["any"]]
    if not parts:
        return Q(pk__in=[])
    q = parts[0]
    for part in parts[1:]:
        q |= part
    return q


def _spec(key: str, op: str, scope: Scope) -> FieldSpec:
    spec = scope.fields.get(key)
    if spec is None or op not in operators(spec.kind):
        raise BadCondition(f"{key} {op}")
    return spec


def _leaf(path: str, op: str, value: Any, scope: Scope) -> Q:
    key, _dot, rest = path.partition(".")
    if rest:
        spec = scope.fields.get(key)
        if spec is None or spec.kind != "link" or scope.linked is None:
            raise BadCondition(path)
        fields, records = scope.linked(spec.target)
        inner = Scope(fields, spec.target, scope.user_id, scope.team_ids, scope.timezone, scope.today)
        return Q(**{f"{spec.attname}__in": records.filter(_leaf(rest, op, value, inner)).values("pk")})
    spec = _spec(key, op, scope)
    if spec.stored == "rows":
        return _rows(spec, op, value, scope)
    if op in ("empty", "filled"):
        q = _is_empty(spec)
        return q if op == "empty" else ~q
    name = spec.attname
    twin = f"{spec.key}_fold"
    if spec.stored == "custom":
        name = f"_{spec.key}"
        twin = f"_{spec.key}_fold"
    if spec.has_twin:
        return _text_q(_lookup(spec, f"{spec.key}_fold" if spec.stored == "custom" else twin, "text"), op, value)
    column = _lookup(spec, spec.key if spec.stored == "custom" else name, spec.kind)
    if spec.kind == "bool":
        return column(True) if op == "yes" else ~column(True)
    if spec.kind in NUMBER_KINDS or spec.kind == "money":
        number = _number(spec, value)
        return column(number, {"is": "exact", "more": "gt", "less": "lt"}[op])
    if spec.kind in ("date", "datetime"):
        return _day_q(spec, column, op, value, scope)
    if spec.kind in ("choices", "languages"):
        q = Q(pk__in=[])
        for one in _keys(value):
            q |= column(f"|{one}|", "contains")
        return q if op == "any" else ~q
    wanted = _wanted(spec, value, scope)
    q = column(wanted, "in") if wanted else Q(pk__in=[])
    return q if op == "any" else ~q


def _lookup(spec: FieldSpec, name: str, kind: str) -> Callable[..., Q]:
    """A function (value, lookup) -> Q for a column, or for an expression inside the custom JSON."""
    if spec.stored == "custom":
        source = json_access.expression("text" if kind == "text" else spec.kind, name)
        if spec.kind == "bool":
            return lambda value, lookup="exact": Q(_Compare(source, ["true", "1"], "in"))
        if kind in ("user", "team", "link"):
            return lambda value, lookup="exact": Q(_Compare(source, [str(one) for one in value], "in"))
        return lambda value, lookup="exact": Q(_Compare(source, value, lookup))
    return lambda value, lookup="exact": Q(**{f"{name}__{lookup}": value})


def _Compare(source: Any, value: Any, lookup: str) -> Any:  # noqa: N802 - reads as the expression it makes
    """A lookup expression that Q accepts: False, not NULL, where the key is absent."""
    from django.db.models import BooleanField, Value
    from django.db.models.functions import Coalesce

    compared = source.output_field.get_lookup(lookup)(source, value)
    return Coalesce(compared, Value(False), output_field=BooleanField())


def _is_empty(spec: FieldSpec) -> Q:
    if spec.stored == "custom":
        return Q(json_access.CustomText(spec.key).__class__(spec.key).output_field.get_lookup("isnull")(
            json_access.CustomText(spec.key), True))  # fmt: skip
    if spec.kind == "bool":
        return Q(**{spec.key: False})
    if spec.kind == "address":
        return Q(**{f"{spec.key}_fold": ""})
    if spec.kind in NUMBER_KINDS or spec.kind in ("money", "date", "datetime", "user", "team", "link"):
        return Q(**{f"{spec.attname}__isnull": True})
    return Q(**{spec.key: ""})


def _text_q(column: Callable[..., Q], op: str, value: Any) -> Q:
    text = fold(str(value or ""))
    match op:
        case "contains":
            return column(text, "contains")
        case "starts":
            return column(text, "startswith")
        case "is":
            return column(text)
    return ~column(text)


def _number(spec: FieldSpec, value: Any) -> int:
    try:
        parsed = kinds.clean(spec, value, kinds.Env())
    except kinds.BadValue as problem:
        raise BadCondition(str(problem)) from problem
    if parsed is None:
        raise BadCondition("a number is missing")
    return parsed[0] if spec.kind == "money" else parsed


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
        day = date.fromisoformat(str(value))
    except (ValueError, TypeError, OverflowError) as problem:
        raise BadCondition("a date or a number of days is missing") from problem
    return {"is": (day, day + one), "before": (None, day), "after": (day + one, None)}[op]


def _edge(spec: FieldSpec, day: date, scope: Scope) -> Any:
    """The bound to compare with: the day itself, or the moment it begins in the person's zone."""
    if spec.kind == "date":
        return day.isoformat() if spec.stored == "custom" else day
    moment = datetime.combine(day, time(), ZoneInfo(scope.timezone)).astimezone(UTC)
    return kinds.to_json(spec, moment) if spec.stored == "custom" else moment


def _day_q(spec: FieldSpec, column: Callable[..., Q], op: str, value: Any, scope: Scope) -> Q:
    first, end = _days(op, value, scope)
    q = Q()
    if first is not None:
        q &= column(_edge(spec, first, scope), "gte")
    if end is not None:
        q &= column(_edge(spec, end, scope), "lt")
    return q


def _keys(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one not in (None, "")]


def _wanted(spec: FieldSpec, value: Any, scope: Scope) -> list[Any]:
    """The keys an "any" or "none" means, with "me" and "my_team" resolved."""
    if spec.kind not in ("user", "team", "link", "tags"):
        return _keys(value)
    wanted: list[Any] = []
    for one in _keys(value):
        if one == "me":
            wanted.append(scope.user_id)
        elif one == "my_team":
            wanted.extend(sorted(scope.team_ids))
        else:
            try:
                wanted.append(UUID(one))
            except ValueError as problem:
                raise BadCondition(one) from problem
    return wanted


def _rows(spec: FieldSpec, op: str, value: Any, scope: Scope) -> Q:
    """Contact points and tags live in rows of their own."""
    if spec.kind == "tags":
        rows: Any = TagLink.objects.filter(type_key=scope.type_key, record_id=OuterRef("pk"))
        if op in ("any", "none"):
            rows = rows.filter(tag__in=_wanted(spec, value, scope))
    else:
        rows = ContactPoint.objects.filter(type_key=scope.type_key, record_id=OuterRef("pk"), field=spec.key)
        if op == "contains":
            rows = rows.filter(fold__contains=point_fold(spec, str(value or "")))
    return Q(~Exists(rows)) if op in ("none", "empty") else Q(Exists(rows))


def point_fold(spec: FieldSpec, text: str) -> str:
    """How a contact point (or what is looked for in one) is compared: phones by digits, the rest casefolded."""
    if spec.kind == "phones":
        return "".join(str(int(char)) for char in text if char.isdigit())
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
    value = values.get(spec.key)
    if op in ("empty", "filled"):
        is_empty = kinds.empty(value) or (spec.kind == "bool" and not value)
        return is_empty == (op == "empty")
    if spec.kind == "bool":
        return bool(value) == (op == "yes")
    if spec.kind in CONTACT_KINDS:
        sought = point_fold(spec, str(wanted or ""))
        return any(sought in point_fold(spec, point["value"]) for point in value or ())
    if spec.has_twin:
        own, sought = fold(kinds.search_text(spec, value)), fold(str(wanted or ""))
        return {"contains": sought in own, "starts": own.startswith(sought), "is": own == sought,
                "is_not": own != sought}[op]  # fmt: skip
    if spec.kind in NUMBER_KINDS or spec.kind == "money":
        number = _number(spec, wanted)
        if value is None:
            return False
        own_number = value[0] if spec.kind == "money" else value
        return {"is": own_number == number, "more": own_number > number, "less": own_number < number}[op]
    if spec.kind in ("date", "datetime"):
        first, end = _days(op, wanted, scope)
        if value is None:
            return False
        day = value.astimezone(ZoneInfo(scope.timezone)).date() if spec.kind == "datetime" else value
        return (first is None or day >= first) and (end is None or day < end)
    keys = set(_wanted(spec, wanted, scope))
    own_keys = set(value or ()) if spec.kind in ("choices", "languages", "tags") else {value}
    return bool(keys & own_keys) == (op == "any")

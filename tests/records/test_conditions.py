"""One tree of conditions, two judges: the SQL made of it picks exactly the rows whose values fulfil it."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.access.actors import Actor, system
from comity.access.policy import condition_scope
from comity.changes import custom_fields, writer
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.identity.models import Team, User
from comity.records import json_access
from comity.records.conditions import BadCondition, Scope, Where, compile_q, holds, operators
from comity.records.fields import FieldSpec, of, option
from comity.records.models import RecordRef, Tag
from comity.records.types import RecordType, get

CHOICES = tuple(option(key, key) for key in ("red", "green", "pale_blue"))
ZONES = ("UTC", "Asia/Jakarta", "America/Havana", "Pacific/Kiritimati")
TODAY = date(2026, 3, 10)
WORDS = ("", "Ёлка", "ёлка зелёная", "100%", "a_b", "a%b", "Straße", "STRASSE", "أحمد", "O’Neil", "\\", "x" * 60)
NUMBERS = (None, 0, 1, -1, 5, 12_345, 2**40)
DAYS = tuple(TODAY + timedelta(days=n) for n in (-400, -31, -10, -9, -1, 0, 1, 9, 10, 21, 22, 300))
HOURS = tuple(datetime(2026, 3, day, hour, 59, tzinfo=UTC) for day in (1, 8, 9, 10, 11) for hour in (0, 4, 10, 13, 23))


def custom_specs() -> dict[str, FieldSpec]:
    return {
        kind: of(kind, f"my_{kind}", kind, stored="custom", unit="pieces" if kind in ("integer", "number") else "",
                 choices=CHOICES if kind in ("choice", "choices") else (), several=kind == "relation")
        for kind in custom_fields.KINDS if kind != "file"
    }  # fmt: skip


def specs_of(record_type: RecordType) -> dict[str, FieldSpec]:
    return {spec.key: spec for spec in record_type.specs}


class House:
    """Records of both types with values of every kind, most fields empty in some of them."""

    def __init__(self, boss: Actor) -> None:
        import random

        chance = random.Random(20260310)
        self.boss = boss
        self.teams = [Team.objects.create(name=name).id for name in ("North", "South")]
        self.users = [
            User.objects.create(name=f"U{n}", email=f"u{n}@example.com", email_fold=f"u{n}@example.com").id
            for n in range(3)
        ]
        self.tags = [Tag.objects.create(name=name, fold=name).id for name in ("big", "late", "loud")]
        self.boss = system("test", replace(boss.state, users=dict.fromkeys(self.users, boss.member),
                                           teams=dict.fromkeys(self.teams), tags=dict.fromkeys(self.tags)))  # fmt: skip
        types = {"company": replace(get("company"), custom=tuple(custom_specs().values())), "person": get("person")}
        self.boss.state.record_types.update(types)  # type: ignore[attr-defined]
        self.rows: dict[str, list[tuple[UUID, dict[str, Any]]]] = {"company": [], "person": []}
        self.types = types
        for key in ("company", "person"):
            for n in range(14):
                self._make(key, n, chance)

    def _make(self, key: str, n: int, chance: Any) -> None:
        record_type = self.types[key]
        raw = {"name": f"Firm {n}"} if key == "company" else {"family_name": f"Person {n}"}
        for spec in record_type.specs:
            if spec.level == "write" and spec.key not in raw and chance.random() < 0.7:
                raw[spec.key] = self.some(spec, chance)
        made = run(self.boss, Create(key, raw)).record
        record = record_type.model.unguarded.get(pk=made.id)
        self.rows[key].append((made.id, writer.current(record_type, record)))

    def some(self, spec: FieldSpec, chance: Any) -> Any:
        """A value of the field, as it may come in."""
        if spec.checked_for_country:  # requisites that no chance would make up
            return ""
        match spec.kind:
            case "url":
                return chance.choice(["", "example.com", "https://Example.org/Ёлка", "http://a.example/100%"])
            case "text" | "longtext":
                return chance.choice(WORDS)
            case "integer" | "number" | "percent":
                return chance.choice(NUMBERS)
            case "money":
                number = chance.choice(NUMBERS)
                return None if number is None else [number, chance.choice(["EUR", "RUB"])]
            case "date":
                return chance.choice(DAYS)
            case "datetime":
                return chance.choice(HOURS)
            case "bool":
                return chance.random() < 0.5
            case "choice":
                return chance.choice([one.key for one in spec.choices] + [""])
            case "choices":
                return chance.sample([one.key for one in spec.choices], chance.randint(0, 3))
            case "languages":
                return chance.sample(["ru", "uk", "en", "ar"], chance.randint(0, 3))
            case "language" | "country" | "currency":
                return chance.choice(["", "EUR", "RUB"] if spec.kind == "currency" else ["", "ru", "id"])
            case "user" | "team":
                return chance.choice([None, *(self.users if spec.kind == "user" else self.teams)])
            case "link":
                return chance.choice([None, *(one for one, _values in self.rows[spec.target])])
            case "card":
                keys = [one for one, _values in self.rows["company"]]
                return chance.choice([None, *(RecordRef("company", one) for one in keys)])
            case "relation":
                keys = [one for one, _values in self.rows["company"]]
                return [f"company:{one}" for one in chance.sample(keys, min(len(keys), chance.randint(0, 3)))]
            case "file":
                return None
            case "tags":
                return chance.sample(self.tags, chance.randint(0, 3))
            case "phones":
                return chance.sample(
                    ["+7 916 123-45-67", "+62 812 3456 7890", "+44 20 7946 0018"], chance.randint(0, 2)
                )
            case "emails":
                return chance.sample(["Anna@example.com", "b_c@example.org"], chance.randint(0, 2))
            case "handles":
                return chance.sample(["@Ёж", "telegram:anna"], chance.randint(0, 2))
        return {"street": chance.choice(WORDS), "city": chance.choice(["", "Київ", "София"])}

    def scope(self, key: str, zone: str = "UTC") -> Scope:
        """The eyes of the first user, who is in the first team."""
        scope = condition_scope(self.boss, self.types[key])
        return replace(scope, user_id=self.users[0], team_ids=frozenset(self.teams[:1]), timezone=zone, today=TODAY)

    def picked(self, key: str, where: Where, zone: str = "UTC") -> set[UUID]:
        """By SQL."""
        q = compile_q(where, self.scope(key, zone))
        return set(self.types[key].model.unguarded.filter(q).values_list("pk", flat=True))

    def judged(self, key: str, where: Where, zone: str = "UTC") -> set[UUID]:
        """By value."""
        scope = self.scope(key, zone)
        return {one for one, values in self.rows[key] if holds(values, where, scope)}

    def values_for(self, spec: FieldSpec, op: str) -> st.SearchStrategy[Any]:
        """What a filter on that field may ask for, good or odd."""
        if op == "between":
            ends = self.values_for(spec, "is")
            return st.tuples(ends, ends).map(list)
        if op in ("past_days", "next_days"):
            return st.integers(0, 400)
        match spec.kind:
            case "text" | "longtext" | "url" | "taxnumber" | "address":
                return st.one_of(
                    st.sampled_from(WORDS), st.sampled_from(["ЁЛ", "a_", "%", "example"]), st.text(max_size=4)
                )
            case "integer":
                return st.sampled_from([0, 1, "-1", 5, 12_345, 2**40])
            case "number" | "percent":
                return st.sampled_from(["0", "0.0001", -1, 5, "1.2345", 2**40])
            case "money":
                return st.sampled_from(["0", "0.0005", "1.2345", [5, "EUR"], [-1, "RUB"], {"amount": "1"}])
            case "date" | "datetime":
                return st.sampled_from([day.isoformat() for day in DAYS] + ["1000-01-01", "9998-12-30"])
            case "choice" | "choices":
                return st.lists(st.sampled_from([*(one.key for one in spec.choices), "RED", "d|p", ""]), max_size=3)
            case "languages" | "language" | "country" | "currency":
                return st.lists(st.sampled_from(["ru", "RU", "uk", "ID", "EUR", "eur", "%", ""]), max_size=3)
            case "card" | "relation":
                keys = [f"company:{one}" for one, _values in self.rows["company"]]
                return st.lists(st.sampled_from([*keys, f"person:{UUID(int=1)}"]), max_size=3)
            case "user" | "team" | "link" | "tags":
                known = {"user": [*self.users, "me"], "team": [*self.teams, "my_team"], "tags": self.tags}
                keys = known.get(spec.kind) or [one for one, _values in self.rows[spec.target]]
                return st.lists(st.sampled_from([*map(str, keys), str(UUID(int=1))]), max_size=3)
        return st.sampled_from(["", "4567", "+44 20", "ANNA", "_", "%", "ёж", "@"])

    def leaf(self, key: str) -> st.SearchStrategy[Where]:
        """One condition on any field of the type."""
        fields = list(self.types[key].specs)

        def of_field(spec: FieldSpec) -> st.SearchStrategy[Where]:
            return st.sampled_from(operators(spec.kind)).flatmap(
                lambda op: self.values_for(spec, op).map(lambda value: {"field": spec.key, "op": op, "value": value})
            )

        return st.sampled_from(fields).flatmap(of_field)

    def tree(self, key: str) -> st.SearchStrategy[Where]:
        """Conditions inside of all, any and not."""
        return st.recursive(
            self.leaf(key),
            lambda inner: st.one_of(
                st.lists(inner, max_size=3).map(lambda nodes: {"all": nodes}),
                st.lists(inner, max_size=3).map(lambda nodes: {"any": nodes}),
                inner.map(lambda node: {"not": node}),
            ),
            max_leaves=8,
        )


@pytest.fixture
def house(boss: Actor) -> Iterator[House]:
    return House(boss)


QUICK = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck), derandomize=True)


def agreed(house: House, key: str, spec: FieldSpec, op: str) -> None:
    """Both judges find the same rows, and all the others for the opposite."""
    everybody = {one for one, _values in house.rows[key]}

    @settings(QUICK, max_examples=4)
    @given(house.values_for(spec, op))
    def agree(value: Any) -> None:
        where = {"field": spec.key, "op": op, "value": value}
        hits = house.judged(key, where)
        assert house.picked(key, where) == hits, where
        assert house.picked(key, {"not": where}) == everybody - hits, where

    agree()


@pytest.mark.parametrize("key", ["company", "person"])
def test_every_kind_and_operator_alone_and_reversed(house: House, key: str) -> None:
    for spec in house.types[key].specs:
        for op in operators(spec.kind):
            agreed(house, key, spec, op)


@pytest.mark.parametrize("key", ["company", "person"])
def test_trees_agree(house: House, key: str) -> None:
    @settings(QUICK)
    @given(house.tree(key), st.sampled_from(ZONES))
    def agree(where: Where, zone: str) -> None:
        assert house.picked(key, where, zone) == house.judged(key, where, zone)

    agree()


def test_the_values_are_worth_a_test(house: House) -> None:
    """Each operator picks some rows and leaves some, or the agreement above would prove little."""
    idle = []
    for key in ("company", "person"):
        everybody = len(house.rows[key])
        for spec in house.types[key].specs:
            if spec.checked_for_country or spec.level == "read" or spec.key in ("name", "family_name"):
                continue
            hits = len(house.picked(key, {"field": spec.key, "op": "yes" if spec.kind == "bool" else "filled"}))
            if not 0 < hits < everybody and spec.key != "team":
                idle.append(spec.key)
    assert idle == []


def test_empty_branches(house: House) -> None:
    everybody = {one for one, _values in house.rows["company"]}
    for where, hits in (({}, everybody), ({"all": []}, everybody), ({"any": []}, set()), ({"not": {"all": []}}, set()),
                        ({"not": {"any": []}}, everybody)):  # fmt: skip
        assert house.picked("company", where) == house.judged("company", where) == hits


def test_a_path_looks_through_a_link(house: House) -> None:
    firms = dict(house.rows["company"])
    where = {"field": "company.kind", "op": "any", "value": ["customer", "partner"]}
    expected = {
        one for one, values in house.rows["person"]
        if values["company"] and firms[values["company"]]["kind"] in ("customer", "partner")
    }  # fmt: skip
    assert expected
    assert house.picked("person", where) == expected
    assert house.picked("person", {"not": where}) == {one for one, _values in house.rows["person"]} - expected


def test_a_path_does_not_look_through_at_hidden_records(house: House) -> None:
    scope = house.scope("person")
    assert scope.linked is not None
    fields, records = scope.linked("company")
    blind = replace(scope, linked=lambda key: (fields, records.none()))
    q = compile_q({"field": "company.name", "op": "filled"}, blind)
    assert not house.types["person"].model.unguarded.filter(q).exists()


@pytest.mark.parametrize(
    "where",
    [
        {"field": "secret", "op": "filled"}, {"field": "name", "op": "more", "value": 1}, {"field": "name"},
        {"field": "employees", "op": "more", "value": "many"}, {"field": "employees", "op": "is", "value": None},
        {"field": "turnover", "op": "is", "value": []}, {"field": "discount", "op": "is", "value": "x"},
        {"field": "client_since", "op": "is", "value": "soon"},
        {"field": "client_since", "op": "between", "value": "2026-03-01"},
        {"field": "client_since", "op": "between", "value": ["2026-03-01", "soon"]},
        {"field": "client_since", "op": "between", "value": ["2026-03-01", "9999-12-31"]},
        {"field": "employees", "op": "between", "value": [1]},
        {"field": "employees", "op": "between", "value": [1, ""]},
        {"field": "client_since", "op": "past_days", "value": 10**30},
        {"field": "client_since", "op": "is", "value": "9999-12-31"}, {"field": "owner", "op": "any", "value": ["x"]},
        {"field": "my_datetime", "op": "before", "value": "0001-01-01"}, {"field": "name.kind", "op": "filled"},
        {"all": {"field": "name"}}, {"or": []}, {"not": []}, {"not": "x"}, {"all": [[]]},
        {"all": [{"field": "name", "op": "filled"}] * 101},
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(house: House, where: Where) -> None:
    with pytest.raises(BadCondition):
        compile_q(where, replace(house.scope("company"), timezone="Asia/Tokyo"))


def test_a_field_not_readable_cannot_be_asked(house: House) -> None:
    scope = house.scope("company")
    readable = {key: spec for key, spec in scope.fields.items() if key != "turnover"}
    for judge in (lambda where: compile_q(where, replace(scope, fields=readable)),
                  lambda where: holds({}, where, replace(scope, fields=readable))):  # fmt: skip
        with pytest.raises(BadCondition):
            judge({"not": {"field": "turnover", "op": "filled"}})


TIMES = itertools.count()


def plan(records: Any) -> str:
    """How the engine would fetch the rows; on PostgreSQL a small table is worth an index only when made to."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = records.values_list("pk").query.sql_with_params()
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        # Python keeps prepared statements by their text, and SQLite would tell the plan of the first time.
        cursor.execute(f"{explain} {sql} -- {next(TIMES)}", params)
        return "\n".join(str(row) for row in cursor.fetchall())


ASKED: dict[str, tuple[str, Any]] = {
    "integer": ("is", 5), "number": ("more", "1.5"), "percent": ("less", 3), "money": ("more", "10"),
    "date": ("past_days", 5), "datetime": ("this_month", None), "bool": ("yes", None), "choice": ("any", ["red"]),
    "user": ("any", ["me"]), "country": ("any", ["ID"]), "language": ("any", ["ru"]), "currency": ("any", ["EUR"]),
    "team": ("any", ["my_team"]), "text": ("is", "Ёлка"), "url": ("is", "https://a.example"),
    "taxnumber": ("is", "7707083893"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(custom_fields.INDEXABLE))
def test_an_indexed_custom_field_is_found_by_its_index(house: House, kind: str) -> None:
    model = house.types["company"].model
    key = f"my_{kind}"
    op, value = ASKED[kind]
    q = compile_q({"field": key, "op": op, "value": value}, house.scope("company"))
    records = model.unguarded.filter(q, deleted_at__isnull=True)
    name = f"custom_{model._meta.db_table}_{key}"
    assert name not in plan(records)
    connection.check_constraints()  # settles the foreign keys of the new rows: an index is made between writes
    json_access.create_index(model, kind, key)
    assert name in plan(records)
    json_access.drop_index(model, key)
    assert name not in plan(records)


@pytest.mark.parametrize("key", ["", "A", "1a", "a-b", "a'", "a b", "a" * 41, "a.b", "a\n"])
def test_a_key_that_could_carry_sql_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="field key"):
        json_access.CustomText(key)

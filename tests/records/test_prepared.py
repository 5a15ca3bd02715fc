"""Compiled queries give what the ORM gives, to each person his own, whatever was asked before and by whom."""

from dataclasses import dataclass, fields
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access import policy
from comity.access.actors import Actor, user_actor
from comity.changes.bus import run
from comity.changes.commands import ShareRecord
from comity.config.database import PREPARE_AFTER
from comity.identity.models import Team
from comity.records.models import RecordRef
from comity.records.prepared import EVERYBODYS, KEPT, Slot, Statements, columns, key_slots, keys, portions
from comity.ui import lists
from support.house import colleague, company, person

pytestmark = pytest.mark.django_db


def now_as(actor: Actor) -> Actor:
    """The actor with his rights as they are now."""
    return user_actor(actor.user_id)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Some:
    actor: Actor
    size: int

    def build(self) -> Any:
        record_type = self.actor.state.record_types["company"]
        slots = key_slots(record_type.model._meta.pk, self.size)
        return policy.visible(self.actor, record_type).filter(pk__in=slots).order_by("title").values("id", "title")


def test_rows_are_those_of_the_orm_for_any_number_of_keys(boss: Actor) -> None:
    ids = [company(boss, f"Firm {n:02}").id for n in range(11)]
    boss = now_as(boss)
    for wanted in ([], ids[:1], ids[:3], ids):
        found = [
            row for part, size in portions(wanted)
            for row in boss.state.statements.of(_Some(boss, size)).values(**keys(part, size))
        ]  # fmt: skip
        visible = policy.visible(boss, boss.state.record_types["company"])
        assert found == list(visible.filter(pk__in=wanted).order_by("title").values("id", "title"))


def test_a_list_of_any_length_is_cut_into_portions() -> None:
    parts = list(portions(range(1203)))
    assert [len(part) for part, _size in parts] == [500, 500, 203]
    assert [one for part, _size in parts for one in part] == list(range(1203))
    assert all(len(part) <= size for part, size in parts)


def test_a_query_is_compiled_once_and_takes_each_time_its_own_values(boss: Actor) -> None:
    first, second = company(boss, "First"), company(boss, "Second")
    boss = now_as(boss)
    statement = boss.state.statements.of(_Some(boss, 1))
    assert [row["title"] for row in statement.values(key0=first.id)] == ["First"]
    assert [row["title"] for row in statement.values(key0=second.id)] == ["Second"]
    assert boss.state.statements.of(_Some(boss, 1)) is statement
    with pytest.raises(KeyError):
        statement.values()


def test_instances_come_whole_and_what_was_left_out_loads_when_asked(boss: Actor) -> None:
    ref = company(boss, "Firm", country="DE")
    boss = now_as(boss)
    card = policy.find(boss, boss.state.record_types["company"], ref.id)
    plain = policy.visible(boss, boss.state.record_types["company"]).get(pk=ref.id)
    names = [field.attname for field in plain._meta.concrete_fields]
    assert {name: getattr(card, name) for name in names} == {name: getattr(plain, name) for name in names}
    assert "about" not in columns(type(plain), "about")


def test_what_cannot_be_fulfilled_is_empty_without_a_query(boss: Actor) -> None:
    @dataclass(frozen=True)
    class Never:
        def build(self) -> Any:
            return Team.objects.filter(pk__in=[]).values("id")

    with CaptureQueriesContext(connection) as seen:
        assert EVERYBODYS.of(Never()).values() == []
        assert EVERYBODYS.of(Never()).count() == 0
    assert not seen.captured_queries


def test_the_least_used_statements_make_room() -> None:
    @dataclass(frozen=True)
    class Named:
        name: str

        def build(self) -> Any:
            return Team.objects.filter(name=self.name, pk=Slot("id", Team._meta.pk)).values("id")

    held = Statements()
    first = held.of(Named("0"))
    for n in range(1, KEPT + 1):
        held.of(Named(str(n)))
    assert held.of(Named("0")) is not first
    assert held.of(Named(str(KEPT))) is held.of(Named(str(KEPT)))


# --- nobody gets another one's rows -----------------------------------------------------------------------------------


@pytest.fixture
def colleagues(boss: Actor) -> list[Actor]:
    """Owners, team members, a guest; each sees other companies than the rest."""
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    everybody = [
        colleague("Ann", "own", team=north), colleague("Ben", "own", team=north), colleague("Cid", "team", team=south),
        colleague("Dan", "team", team=north), colleague("Eve", "none"), colleague("Fay", "all"),
    ]  # fmt: skip
    for actor in everybody[:4]:
        for n in range(2):
            company(now_as(actor), f"{actor.member.name} {n}")
    shared = company(boss, "Boss shares with Eve")
    run(now_as(boss), ShareRecord("company", shared.id, user_id=everybody[4].user_id))
    return [now_as(actor) for actor in [*everybody, boss]]


def _listed(actor: Actor, where: Any = None, cursor: lists.Cursor | None = None) -> list[str]:
    record_type = actor.state.record_types["company"]
    found = lists.load(actor, record_type, [], where or {}, lists.Order(), cursor, 3)
    titles = [row["title"] for row in found.rows]
    return titles + (_listed(actor, where, found.next) if found.next else [])


def _allowed(actor: Actor) -> list[str]:
    record_type = actor.state.record_types["company"]
    return list(policy.visible(actor, record_type).order_by("sort_key", "id").values_list("title", flat=True))


def test_lists_titles_and_cards_are_each_ones_own(colleagues: list[Actor]) -> None:
    """Everybody asks the same in turn, twice, so that what was compiled for one would show to the next."""
    every = {}
    for actor in colleagues:
        model = actor.state.record_types["company"].model
        every = dict(model.unguarded.values_list("pk", "title"))
    mine = {"all": [{"field": "owner", "op": "any", "value": ["me"]}]}
    assert len({tuple(_allowed(actor)) for actor in colleagues}) >= 5
    for actor in colleagues * 2:
        record_type, allowed = actor.state.record_types["company"], _allowed(actor)
        assert _listed(actor) == allowed
        assert lists.count(actor, record_type, {}) == len(allowed)
        assert _listed(actor, mine) == [title for title in allowed if title.startswith(actor.member.name)]
        refs = {RecordRef("company", key) for key in every}
        assert sorted(policy.titles(actor, refs).values()) == sorted(allowed)
        for key, title in every.items():
            assert (policy.find(actor, record_type, key) is not None) == (title in allowed)


def test_new_rights_count_at_once(boss: Actor) -> None:
    ann = colleague("Ann", "own")
    hidden = company(boss, "Hidden")
    record_type = now_as(ann).state.record_types["company"]
    assert policy.find(now_as(ann), record_type, hidden.id) is None
    run(now_as(boss), ShareRecord("company", hidden.id, user_id=ann.user_id))
    assert policy.find(now_as(ann), record_type, hidden.id).title == "Hidden"
    run(now_as(boss), ShareRecord("company", hidden.id, user_id=ann.user_id, level=""))
    assert policy.find(now_as(ann), record_type, hidden.id) is None


def test_filters_differ_in_every_constant(boss: Actor) -> None:
    for name in ("Alpha", "Beta"):
        person(boss, name, "Same", position=name)
    boss = now_as(boss)
    record_type = boss.state.record_types["person"]

    def found(op: str, value: str) -> list[str]:
        where = {"all": [{"field": "position", "op": op, "value": value}]}
        rows = lists.load(boss, record_type, [], where, lists.Order()).rows
        assert lists.count(boss, record_type, where) == len(rows)
        return [row["title"] for row in rows]

    assert [len(found("is", name)) for name in ("Alpha", "Beta", "Gamma")] == [1, 1, 0]
    assert len(found("contains", "a")) == 2
    assert len(found("starts", "a")) == 1


@dataclass(frozen=True)
class _Often:
    def build(self) -> Any:
        return Team.objects.order_by("-name").values("name")


def test_postgresql_keeps_a_statement_that_comes_often(boss: Actor, engine: str) -> None:
    statement = boss.state.statements.of(_Often())
    found = [statement.rows() for _turn in range(PREPARE_AFTER + 1)]
    assert found == [found[0]] * len(found)
    if engine == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement = %s", [statement.sql])
            assert cursor.fetchone() == (1,)


def test_every_plan_names_all_it_is_built_from() -> None:
    """A plan's query depends on its fields alone; its key holds every one of them."""
    from comity.access import policy as access_policy
    from comity.changes import writer
    from comity.notices import bell
    from comity.search import cards
    from comity.timeline import story
    from comity.ui import drafts, panels
    from comity.ui.pages import files

    rooms = (access_policy, writer, bell, cards, story, drafts, panels, files, lists)
    plans = [
        one for room in rooms for one in vars(room).values()
        if isinstance(one, type) and hasattr(one, "build") and one.__module__ == room.__name__
    ]  # fmt: skip
    assert len(plans) >= 10
    for plan in plans:
        assert plan.__dataclass_params__.frozen, plan  # type: ignore[attr-defined]
        assert all(field.compare and field.hash is None for field in fields(plan)), plan  # type: ignore[arg-type]
        assert not plan.build.__code__.co_freevars, plan  # type: ignore[attr-defined]

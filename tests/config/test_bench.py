"""The benchmark's base is what commands would have made; its reference stays small; its figures know their goals."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from comity.access import policy
from comity.access.actors import user_actor
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Update
from comity.config import cli
from comity.config.bench import duplicates, figures, generate, names, reference, sales, sales_visits, visits
from comity.config.bench.figures import Figure
from comity.config.bench.stopwatch import Clock
from comity.kernel import clock
from comity.records.models import RecordRef
from comity.sales.deals import signals
from comity.sales.deals import visits as index
from comity.sales.deals.model import StageVisit
from comity.search.find import find
from comity.timeline import sequencer
from comity.timeline.story import story
from comity.work.tasks import alarms
from comity.work.today import due
from comity.work.whose import Whose

SIZE = 600


@pytest.mark.django_db(transaction=True)
def test_the_look_for_likely_pairs_has_its_figures() -> None:
    generate.generate(SIZE)
    found = {one.name: one for one in duplicates.figures()}
    assert found["duplicates, a card"].goal == 0.6 and found["duplicates, a card"].cpu
    assert found["duplicates, memory more"].goal == 400
    told = "\n".join(figures.shown(found.values()))
    assert all(name in told for name in found)


def test_the_command_hands_its_switch_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[list[str]] = []

    def started(words: list[str], **more: object) -> Any:
        told.append(words)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr("comity.config.commands.bench.subprocess.run", started)
    assert cli.main(["bench", "--size", "2000", "--duplicates"]) == 0
    assert cli.main(["bench", "--size", "2000"]) == 0
    assert ["--duplicates" in words for words in told] == [True, False]


@pytest.mark.django_db(transaction=True)
def test_the_generated_base_is_sound() -> None:
    house = generate.generate(SIZE)
    assert sequencer.broken_links() == []
    assert dispatcher.run_once() == 0  # nothing is left for the consumers to catch up with
    actors = [user_actor(user.pk) for user in (house.wide, house.narrow, house.guest)]
    person = actors[0].state.record_types["person"]
    assert person.model.unguarded.count() == SIZE
    seen = [policy.visible(actor, person).count() for actor in actors]
    assert SIZE / 4 <= seen[0] <= SIZE / 2
    assert 0 < seen[1] < seen[0]
    assert seen[2] == generate.SHARED
    for actor in actors:
        visitor = visits.Visitor.enter("somebody", type("Somebody", (), {"pk": actor.user_id}))  # type: ignore[arg-type]
        client = Client(HTTP_HOST="localhost")
        client.cookies["comity_session"] = visitor.cookie
        pages = visitor.pages() | sales_visits.pages(visitor)
        assert all(client.get(path).status_code == 200 for path in pages.values())
        assert names.RARE in {hit.title.split()[-1] for hit in find(actor, names.RARE)}
        assert visitor.editable(set())
    # A command goes on where the generator left off, and the story tells both.
    narrow = actors[1]
    record_id, version = visits.Visitor("narrow", narrow, "").editable(set())[0]
    assert run(narrow, Update("person", record_id, version, {"position": "Newly chosen"})).event
    told, _more = story(narrow, RecordRef("person", record_id))
    own = [one.event.record_version for one in told if one.event.primary_id == record_id]  # not what deals tell there
    assert own == list(range(generate.EVENTS + 1, 0, -1))
    assert sequencer.broken_links() == []


@pytest.mark.django_db(transaction=True)
def test_the_sales_of_the_base_are_what_commands_would_have_made() -> None:
    with clock.stopped(datetime(2026, 3, 12, 10, 20, tzinfo=UTC)):
        _check_sales()


def _check_sales() -> None:
    house = generate.generate(SIZE)
    actor = user_actor(house.director.pk)
    deals, tasks, leads = (policy.visible(actor, actor.state.record_types[key]) for key in ("deal", "task", "lead"))
    assert deals.count() == SIZE * sales.DEALS
    assert leads.count() == SIZE * sales.LEADS
    # The index of stays is the one its events make, and tells of every deal what stands on its card.
    stays = list(StageVisit.objects.order_by("pk"))
    assert len(stays) == deals.count() * (sales.MOVES + 1)
    assert index.rebuild() == len(stays)
    assert list(StageVisit.objects.order_by("pk")) == stays  # those that were wrong would have been written anew
    now_in = {stay.deal_id: (stay.stage, stay.entered_at) for stay in stays if stay.left_at is None}
    assert now_in == {key: (stage, since) for key, stage, since in deals.values_list("pk", "stage", "stage_since")}
    went = Counter(stay.deal_id for stay in stays if stay.back)
    assert {key: went[key] for key in now_in} == dict(deals.values_list("pk", "moves_back"))
    # Every card's next step is its earliest open task.
    earliest: dict[UUID, tuple[datetime, str, str]] = {}
    for about, *step in tasks.order_by("-due_at", "-id").values_list("about_id", "due_at", "kind", "name"):
        earliest[about] = (step[0], step[1], step[2])
    planned = deals.exclude(next_at=None).values_list("pk", "next_at", "next_kind", "next_text")
    assert {key: tuple(step) for key, *step in planned} == {key: one for key, one in earliest.items() if key}
    # Whoever is measured has his lines, and the clock has nothing to add while he is.
    for user in (house.wide, house.narrow):
        whose = Whose("mine", (user.pk,))
        lines = [due.load(user_actor(user.pk), whose, late, 1)[0].total for late in (True, False)]
        assert lines == [sales.LATE, sales.TODAY]
    before = sequencer.head()
    alarms.tell_due()
    signals.tell_stuck({}, lambda: None)
    assert sequencer.head() == before


def test_the_reference_is_one_file_of_at_most_thirty_lines() -> None:
    assert len(Path(reference.__file__).read_text().splitlines()) <= 30


def test_figures_stand_beside_their_goals(tmp_path: Path) -> None:
    timed, bare = Clock([0.004, 0.006, 0.005], [0.004] * 3, 1000, 300), Clock([0.002] * 3, [0.002] * 3, 900, 900)
    slow = figures.timed("list, deep (wide)", timed, bare)
    assert (slow.ratio, slow.goal, slow.limit, slow.holds) == (2.5, 2.0, 3.5, False)
    small = Figure("its requests, English", 6, 8, "")
    lines = list(figures.shown([slow, small]))
    assert "MISSED" in lines[1]
    assert "2 x" in lines[1]
    assert "holds" in lines[2]
    figures.write(tmp_path / "figures", [slow, small], "sqlite", SIZE)
    told = [json.loads(line) for line in (tmp_path / "figures").read_text().splitlines()]
    assert [one["holds"] for one in told] == [False, True]
    assert {"name", "engine", "size", "p50", "p95", "ratio", "goal", "holds"} <= told[0].keys()

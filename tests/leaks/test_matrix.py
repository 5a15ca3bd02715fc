"""The leak matrix: no surface tells the snooper of a card he may not see; and it notices a guard that is gone."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import Q
from django.urls import get_resolver, resolve

from comity.access import policy, snapshot
from comity.access.actors import Actor
from comity.changes.writer import current
from comity.notices.watch import replay
from comity.records.types import RecordType
from comity.sales.pipelines.model import GatePass
from comity.timeline import sequencer
from comity.work.models import Task
from leaks.surfaces import tries
from leaks.tries import Twins, ask
from leaks.world import KEYS, World, type_of
from support.browser import browser

# Surfaces tried with every field, and every operator of it: a fifth of them tells whether an engine differs.
BY_FIELD = {"JSON filter", "JSON sorted", "list sorted", "list filtered", "own field", "direct field",
            "history of a field"}  # fmt: skip


def leaks(world: World, only: tuple[str, ...] = (), twins: Twins | None = None, every: bool = True) -> Iterator[str]:
    """The surfaces on which a hidden card shows, and those that tell its key from any other, when asked for; of those
    by field each, or each fifth."""
    met: Counter[str] = Counter()
    client = browser(world.snooper)
    client.raise_request_exception = False
    traces = world.traces()
    for one in tries(world):
        met[one.name] += 1
        if (only and one.name not in only) or (not every and one.name in BY_FIELD and met[one.name] % 5):
            continue
        answer = ask(client, one)
        if twins and twins.named(one) and not twins.alike(client, one, answer):
            yield f"{one.name}: {one.method} {one.url} {one.data} {one.json} is answered unlike any other key"
        text = answer.content.decode(errors="replace").lower() + answer.headers.get("Location", "").lower()
        if answer.status_code >= 500:
            yield f"{one.name}: {one.url} failed ({answer.status_code})"
        if one.gone and answer.status_code != 404:
            yield f"{one.name}: {one.method} {one.url} answered {answer.status_code}, not 404"
        if answer.status_code == 403:
            yield f"{one.name}: {one.url} says 403, which tells that something is there"
        asked = one.text  # what he sent comes back to him: it tells nothing he did not know
        yield from (f"{one.name}: {one.url} shows {trace}" for trace in traces if trace in text and trace not in asked)


def test_matrix_knows_every_type(world: World) -> None:
    assert set(world.snooper.state.record_types) == set(KEYS)


def test_no_surface_tells_of_a_hidden_card(world: World, engine: str, request: pytest.FixtureRequest) -> None:
    """And whoever has its key learns nothing by trying it: word for word what any other key gets, which is alike on
    every engine."""
    before = {key: _state(key, world.hidden[key]) for key in KEYS}
    whole = engine == "sqlite" or request.config.getoption("full")
    twins = Twins.of(world) if whole else None
    found = list(leaks(world, twins=twins, every=whole))
    assert not found, "\n".join(found)
    assert twins is None or twins.asked > 500
    assert {key: _state(key, world.hidden[key]) for key in KEYS} == before
    assert GatePass.objects.filter(client_id=world.hidden["company"]).exists()


def _state(key: str, record_id: Any) -> Any:
    record_type = type_of(key)
    return current(record_type, record_type.model.unguarded.get(pk=record_id))


def test_a_task_of_his_about_a_card_he_does_not_see_is_done_without_it(world: World) -> None:
    """He is responsible, so the task is his to see; whose card it is about stays hidden, and stays what it is."""
    client, task, deal = browser(world.snooper), world.visible["task"], world.hidden["deal"]
    about = Task.unguarded.filter(about_id=deal)
    held = client.get(f"/api/v1/tasks/{task}").json()
    assert held["about"] is None and str(deal) not in client.get(f"/tasks/{task}").content.decode()
    sent = json.dumps({"version": held["version"], "name": "Plain still", "about": None})
    assert client.patch(f"/api/v1/tasks/{task}", sent, content_type="application/json").status_code == 200
    assert about.filter(pk=task).exists()
    done = {"version": "0", "result": "Plain result", "next-name": "Plain next", "next-kind": "call"}
    answer = client.post(f"/tasks/{task}/finish", done | {"next-due_at": "2031-01-01T10:00"})
    assert (answer.status_code, answer["Location"]) == (302, f"/tasks/{task}")
    following = about.get(name="Plain next").pk
    assert client.get(f"/api/v1/tasks/{following}").json()["about"] is None
    assert not list(leaks(world, ("own card", "own task", "JSON own", "JSON own story", "calendar feed", "today")))


def _told_live(world: World) -> list[str]:
    """The traces of hidden cards in what the snooper's browser hears."""
    assert world.snooper.user_id is not None
    topics = " ".join(replay(world.snooper.user_id, 0, sequencer.head())).lower()
    assert all(str(one) in topics for one in world.visible.values())
    return [trace for trace in world.traces() if trace in topics]


def test_the_live_stream_names_no_hidden_card(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not _told_live(world)
    monkeypatch.setattr("comity.access.policy.reached", lambda actor, record_type, ids: set(ids))
    assert _told_live(world)


def _unguarded(actor: Actor, type_key: str, action: str = "view", every: bool = False) -> None:
    return None


def _everything(actor: Actor, record_type: RecordType, action: str = "view", every: bool = False) -> Any:
    return record_type.model.unguarded.filter(deleted_at__isnull=action != "restore")


def _all_of_filter(self: Any, q: Q, first: Any = None, every: bool = False) -> Any:
    return self.type.model.unguarded.filter(q)


GUARDS = {
    "rows of visible()": ("comity.access.policy.visible_q", _unguarded, ("direct", "list", "JSON")),
    "branches of narrow actors": ("comity.access.policy.branches", lambda *any: [Q()], ("list", "JSON list")),
    "titles of links": ("comity.access.policy.titles", lambda actor, refs: dict.fromkeys(refs, "Zqxhidden"),
                        ("own card", "own field", "JSON own story")),
    "events of hidden ends": ("comity.timeline.story.without", lambda payload, hidden: payload, ("JSON own story",)),
    "search": ("comity.access.policy.visible_q", _unguarded, ("search", "lookup")),
    "tasks of hidden cards": ("comity.access.policy._followed",
                              lambda actor, type_key, action: [Q(about_id__isnull=False)] if type_key == "task" else [],
                              ("list", "JSON list", "task")),
    "deals to move": ("comity.access.policy.visible_q", _unguarded, ("deal", "board move")),
    "boards": ("comity.ui.lists.Filter.records", _all_of_filter, ("board",)),
    "calendar": ("comity.access.policy.visible", _everything, ("calendar feed", "calendar", "today")),
    "records of a figure": ("comity.ui.lists.Filter.records", _all_of_filter, ("records of a figure",)),
}  # fmt: skip


@pytest.mark.alike
@pytest.mark.parametrize("guard", list(GUARDS))
def test_matrix_fails_when_a_guard_is_removed(world: World, monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    target, without, names = GUARDS[guard]
    monkeypatch.setattr(target, without)
    snapshot.changed()  # no statement made with the guard is remembered
    assert list(leaks(world, names))


def test_policy_is_the_guard(world: World) -> None:
    """The fixture hides what it says it hides: to the owner everything is there."""
    for key, one in world.hidden.items():
        assert policy.visible(world.owner, type_of(key)).filter(pk=one).exists()
        assert not policy.visible(world.snooper, type_of(key)).filter(pk=one).exists()


# Routes that can tell of no card, with the reason.
SILENT = {
    "": "sends to the first list", "login": "before login", "logout": "ends the session", "welcome/": "before login",
    "settings": "settings of the company and of oneself; events of cards do not stand there",
    "drafts/": "what the person himself typed", "notices/read": "marks his own notices",
    "notices/off/": "switches a kind of notice off", "views/": "a view holds a filter, no card",
    "support": "of administrators, who see every card", "exports/base": "of administrators, who see every card",
    "duplicates/{}/look": "begins a search through the base, for who has the right to the settings",
    "duplicates/{}/stop": "stops that search",
}  # fmt: skip


def routes() -> set[str]:
    """Every address pattern of the installation, keys and slugs as {}."""
    found: set[str] = set()

    def walk(patterns: Any, before: str) -> None:
        for one in patterns:
            here = before + re.sub(r"<[^>]+>", "{}", str(one.pattern))
            walk(one.url_patterns, here) if hasattr(one, "url_patterns") else found.add(here)

    walk(get_resolver().url_patterns, "")
    return found


def test_every_address_is_a_surface_or_has_a_reason(world: World) -> None:
    tried = {_route(one.url) for one in tries(world)}
    missing = [
        route for route in routes() - tried
        if not any(route == silent or (silent and silent in route) for silent in SILENT)
    ]  # fmt: skip
    assert not missing


def _route(url: str) -> str:
    """The pattern an address belongs to."""
    match = resolve(url.split("?")[0])
    return re.sub(r"<[^>]+>", "{}", match.route)

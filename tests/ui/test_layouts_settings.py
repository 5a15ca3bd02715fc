"""Layouts as settings: taken back out of their story, for who may, refused when damaged, and at no cost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access import snapshot
from comity.access.actors import Actor, user_actor
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.changes.settings import SaveSetting
from comity.kernel.errors import Invalid, Refused
from comity.timeline.models import Event
from comity.ui.models import Layout
from support import board
from support.browser import browser
from support.house import again, colleague, company, person
from support.layouts import SCRIPT, lines, order, press, role_of, save, text, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(users: dict[str, Any]) -> Actor:
    return user_actor(users["root"])


# --- settings' story, rights, bad input ------------------------------------------------------------------------------


def undo(client: Client, number: int = 0) -> Any:
    urls = re.findall(r'action="(/settings/audit/do/undo\?event=\d+)"', text(client.get("/settings/audit")))
    return client.post(urls[number])


def test_each_change_is_taken_back_out_of_the_story_of_settings(boss: Actor) -> None:
    client = browser(boss)
    company(boss, "Amber", legal_name="Mills")
    press(client, "company--list", on=["legal_name"])
    press(client, "company--list", on=["country"])
    story = text(client.get("/settings/audit"))
    assert "Companies, List" in story and "Legal name" in story
    assert "Mills" not in text(client.get("/companies/"))
    assert undo(client).status_code == 302
    assert "Mills" in text(client.get("/companies/"))
    client.post("/settings/layouts/company--list--all/do/reset")
    assert "Mills" not in text(client.get("/companies/"))
    assert undo(client).status_code == 302  # it is there again
    assert "Mills" in text(client.get("/companies/"))
    _made, made = Event.objects.filter(type="setting.changed", payload__setting="layout").order_by("id")[:2]
    assert client.post(f"/settings/audit/do/undo?event={made.pk}").status_code == 409  # changed since
    assert "Mills" in text(client.get("/companies/"))
    press(client, "menu", on=[key for key in order(client, "menu") if key != "today"])
    assert "Hidden" in text(client.get("/settings/audit")) and undo(client).status_code == 302
    assert "/today" in lines(text(client.get("/companies/")))


def test_a_change_is_taken_back_from_its_message_and_the_making_from_the_story(boss: Actor) -> None:
    client = browser(boss)
    press(client, "company--list", on=["country"])
    assert "/undo?event=" in text(client.get("/settings/layouts"))
    press(client, "company--list", on=["country", "legal_name"])
    [url] = re.findall(r'class="toast".*?action="([^"]+)"', text(client.get("/settings/layouts")), re.S)
    assert client.post(url)["Location"] == "/settings/layouts/company--list--all"
    assert Layout.objects.get().what["columns"] == ["country"]
    assert undo(client, 2).status_code == 302  # of the first change, which made it
    assert not Layout.objects.exists()


def test_other_settings_are_not_taken_back_this_way(boss: Actor) -> None:
    run(boss, SaveSetting("tag", {"name": "Blue"}))
    event = Event.objects.filter(type="setting.changed").latest("id")
    assert browser(boss).post(f"/settings/audit/do/undo?event={event.pk}").status_code == 403


def test_only_who_changes_settings_shapes_layouts(boss: Actor) -> None:
    ann = colleague("Ann", "all")
    assert browser(ann).get("/settings/layouts").status_code == 404
    assert browser(ann).get("/settings/layouts/company").status_code == 404
    with pytest.raises(Refused):
        run(ann, SaveSetting("layout", {"type_key": "company", "part": "list", "what": {"columns": [], "sort": ""}}))


@pytest.mark.parametrize("item", ["nothing", "company--menu", "menu--card", "company--card--role-1", "person--board",
                                  f"company--card--team-{'0' * 32}", "company--card--all-x"])  # fmt: skip
def test_addresses_of_nothing(boss: Actor, item: str) -> None:
    assert browser(boss).get(f"/settings/layouts/{item}").status_code == 404


@pytest.mark.parametrize(("part", "what"), [
    ("list", {"columns": "x"}), ("list", {"columns": [1]}), ("list", {"columns": ["<b>"]}),
    ("list", {"columns": [], "sort": ["x"]}), ("card", {"groups": [1]}), ("card", {"groups": [{"key": "a b"}]}),
    ("card", {"groups": [{"key": "a", "label": {}, "fields": []}]}), ("panels", {"places": {"x": "nowhere"}}),
    ("panels", {"places": {"x": []}}), ("card", {"groups": 1}),
    ("board", {"fields": ["a", "b", "c", "d", "e"]}), ("menu", {}), ("nothing", {}),
    ("card", {"groups": [{"key": "details", "label": {"en": "x" * 61}, "fields": []}]}),
])  # fmt: skip
def test_a_damaged_layout_is_refused(boss: Actor, part: str, what: Any) -> None:
    with pytest.raises(Invalid):
        save(boss, "company", part, what)
    assert not Layout.objects.exists()


def test_there_is_one_layout_of_a_kind(boss: Actor) -> None:
    ann = colleague("Ann", "all")
    for whose in ({}, {"role": role_of(ann).pk}):
        save(boss, "company", "list", {"columns": [], "sort": ""}, **whose)
        with pytest.raises(Invalid):
            save(boss, "company", "list", {"columns": ["name"], "sort": ""}, **whose)


def test_two_who_shape_at_once_do_not_overwrite_each_other(boss: Actor) -> None:
    client = browser(boss)
    press(client, "company--list", on=["country"])
    press(client, "company--list", on=["legal_name"])
    assert "while you were working on it" in press(client, "company--list", 409, version="0" * 16, on=["owner"])
    assert Layout.objects.get().what["columns"] == ["legal_name"]


def test_a_kind_of_cards_of_the_firms_own_and_a_module_switched_off(boss: Actor) -> None:
    names = {"label": {"en": "Vehicle"}, "plural": {"en": "Vehicles"}}
    run(boss, SaveSetting("type", {"key": "own_vehicle", "slug": "vehicles", **names}))
    values = {"type_key": "own_vehicle", "key": "own_plate", "kind": "text", "label": {"en": "Plate"}}
    run(again(boss), SaveSetting("field", values))
    client = browser(boss)
    run(again(boss), Create("own_vehicle", {"name": "Van"}))
    press(client, "own_vehicle--list", on=["own_plate"])
    assert "Plate" in text(client.get("/vehicles/"))
    press(client, "own_vehicle", to__own_plate="work")
    press(client, "menu", on=[key for key in order(client, "menu") if key != "own_vehicle"])
    assert "/vehicles/" not in lines(text(client.get("/companies/")))
    run(again(boss), SaveSetting("organization", {"modules_off": ["own", "tasks"]}, 1))
    assert client.get("/settings/layouts/own_vehicle").status_code == 404
    firm = company(boss, "Meridian")
    assert client.get(f"/companies/{firm.id}").status_code == 200
    press(client, "menu", up="company")  # saved meanwhile without the lines that are off
    run(again(boss), SaveSetting("organization", {"modules_off": []}, 1))
    assert "/vehicles/" not in lines(text(client.get("/companies/"))) and "Plate" in text(client.get("/vehicles/"))


def test_scripts_get_the_editor_with_its_preview_again(boss: Actor) -> None:
    client = browser(boss)
    answer = client.post("/settings/layouts/company--list--all/do/save", {"order": ["country"], "on": ["country"]},
                         headers=SCRIPT)  # fmt: skip
    page = text(answer)
    assert 'id="c-layout"' in page and 'id="preview"' in page and "Back to as delivered" in page
    assert re.search(r'class="toast".*?/settings/layouts/company--list--all/do/undo', page, re.S)


def test_layouts_cost_no_query(boss: Actor) -> None:
    client, firm, ref = browser(boss), company(boss, "Meridian"), board.deal(boss, "Pumps")
    person(boss, "Ada", "Dale")
    paths = (f"/companies/{firm.id}", "/companies/", "/companies/new", "/deals/board?view=all", f"/deals/{ref.id}")

    def statements() -> list[int]:
        found = []
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert client.get(path).status_code == 200
            found.append(len(caught))
        return found

    before = statements()
    press(client, "company", on=["legal_name"])
    press(client, "company--panels", up="p-files")
    press(client, "company--list", up=order(client, "company--list")[1], sort="created_at")
    press(client, "deal--board", on=["expected_on"])
    press(client, "menu", up="person")
    assert statements() == before


def test_a_broken_row_out_of_an_archive_shapes_nothing(boss: Actor) -> None:
    company(boss, "Amber")
    for part in ("card", "list", "nothing"):
        Layout.objects.create(type_key="company", part=part, what={"groups": 1, "columns": 2})
    snapshot.changed()
    assert titles(browser(boss), "/companies/") == ["Amber"]
    assert browser(boss).get("/companies/new").status_code == 200

"""A link field he may not read tells nothing on the card it points to: no page names the card that points there."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes import commands, dispatcher
from comity.changes.bus import run
from comity.changes.commands import Link
from comity.records.models import RecordRef
from support import fields
from support.browser import browser
from support.deals import deal
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db
LEVELS = ("hide", "mask")
MARK = "Zqxpointing"


def pages(slug: str, ref: RecordRef) -> list[str]:
    paths = ["", "/story", "/story?kind=changes", "/story?kind=links", "/history", "/edit"]
    api = ["", "/story", "/relations", "?include=company"] if slug == "people" else ["", "/story", "/relations"]
    return [f"/{slug}/{ref.id}{one}" for one in paths] + [f"/api/v1/{slug}/{ref.id}{one}" for one in api]


def naming(client: Client, slug: str, ref: RecordRef) -> list[str]:
    """The pages of a card that name the one which points to it."""
    found = []
    for url in pages(slug, ref):
        answer = client.get(url)
        assert answer.status_code == 200, url
        if MARK in answer.content.decode():
            found.append(url)
    return found


@pytest.mark.parametrize("level", LEVELS)
def test_a_relation_field(boss: Actor, level: str) -> None:
    fields.kind(boss)
    fields.field(boss, "own_property", "client", "relation", target="person")
    fields.field(boss, "own_property", "tenant", "relation", target="person")
    ann, bob = person(boss, "Ann", "Plain"), person(boss, "Bob", "Plain")
    house = fields.card(boss, "own_property", MARK, own_client=str(ann.id), own_tenant=str(bob.id))
    run(again(boss), commands.update("own_property", house.id, 0, {"name": f"{MARK} again"}))
    run(again(boss), commands.update("own_property", house.id, 0, {"own_client": []}))
    run(again(boss), commands.update("own_property", house.id, 0, {"own_client": [str(ann.id)]}))
    dispatcher.drain()
    blind = browser(colleague("Blind", "all", {"own_property": {"own_client": level}}))
    assert MARK in blind.get(f"/properties/{house.id}").content.decode()
    assert naming(blind, "people", ann) == []
    for client, of in ((browser(again(boss)), ann), (blind, bob)):
        told = naming(client, "people", of)
        assert {f"/people/{of.id}", f"/people/{of.id}/story", f"/api/v1/people/{of.id}/story"} <= set(told)


@pytest.mark.parametrize("level", LEVELS)
def test_a_shipped_link_and_the_relation_it_stands_for(boss: Actor, level: str) -> None:
    firm, other = company(boss, "Plain firm"), company(boss, "Plain other")
    worker = person(boss, "Ann", MARK, company=str(firm.id))
    run(again(boss), commands.update("person", worker.id, 0, {"position": "Buyer"}))
    run(again(boss), Link("works_at", worker, other, ("director",)))
    run(again(boss), Link("related", worker, other))
    dispatcher.drain()
    blind = browser(colleague("Blind", "all", {"person": {"company": level}}))
    assert naming(blind, "companies", firm) == []
    told = naming(blind, "companies", other)
    assert f"/companies/{other.id}/story" in told, "what he may read is told"
    base = f"/api/v1/companies/{other.id}"
    assert {one["kind"] for one in blind.get(f"{base}/relations").json()["items"]} == {"related"}
    told_kinds = {one["payload"].get("kind") for one in blind.get(f"{base}/story").json()["items"]}
    assert "related" in told_kinds and "works_at" not in told_kinds
    assert blind.get(f"/companies/{other.id}").content.decode().count(f'href="/people/{worker.id}"') == 2
    assert browser(again(boss)).get(f"/companies/{other.id}").content.decode().count(f'href="/people/{worker.id}"') > 2
    for url in pages("people", worker):
        assert "Plain firm" not in blind.get(url).content.decode(), url
    assert f"/companies/{firm.id}/story" in naming(browser(again(boss)), "companies", firm)


@pytest.mark.parametrize("level", LEVELS)
def test_by_the_link_he_reads_it_shows(boss: Actor, level: str) -> None:
    firm, buyer = company(boss, "Plain firm"), person(boss, "Ann", "Plain")
    made = deal(boss, MARK, company=str(firm.id), person=str(buyer.id))
    run(again(boss), commands.update("deal", made.id, 0, {"name": f"{MARK} again"}))
    dispatcher.drain()
    blind = browser(colleague("Blind", "all", {"deal": {"company": level}}))
    assert naming(blind, "companies", firm) == []
    assert f"/people/{buyer.id}/story" in naming(blind, "people", buyer)
    assert f"/companies/{firm.id}/story" in naming(browser(again(boss)), "companies", firm)


def test_an_action_offers_nothing_that_only_the_house_says(boss: Actor) -> None:
    """What callers inside the house tell a command is no input of its action."""
    told: dict[str, Any] = {one["name"]: one for one in browser(boss).get("/api/v1/types/tasks").json()["actions"]}
    assert {one["key"] for one in told["drop"]["inputs"]} == {"version", "reason", "stop"}

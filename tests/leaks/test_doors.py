"""What leaves and comes in: webhooks, files and their matching, pairs; a hidden card is in none of it."""

import io
import json
import zipfile
from typing import Any

import pytest

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed, snapshot
from comity.api.webhooks import catalogue, payloads, sender, state
from comity.api.webhooks.commands import MakeWebhook
from comity.api.webhooks.model import Delivery
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.exchange.duplicates import pairs, scan
from comity.exchange.exports.writers import formats
from comity.exchange.imports.model import ExternalKey
from leaks.test_matrix import KEYS
from leaks.world import OWN, PHONE, World, build, fresh, hide, share, type_of
from support.browser import browser
from support.formulas import settle
from support.house import again, colleague, person
from support.imports import begun, loaded, mapped, table, taken_back, tried
from support.programs import program

pytestmark = pytest.mark.django_db


def traces_in(world: World, text: str) -> list[str]:
    return [one for one in world.traces() if one in text.lower()]


# --- webhooks ---------------------------------------------------------------------------------------------------------


def test_a_webhook_of_his_tells_nothing_when_it_is_sent_nor_in_its_log(boss: Actor) -> None:
    """All was shared with its owner while it happened; by the time it is sent, or looked at again, no more."""
    world = build(boss, KEYS)
    values = {"name": "Plain", "url": "https://hook.example/x", "events": sorted(catalogue.offered()),
              "owner": str(world.snooper.user_id)}  # fmt: skip
    run(again(boss), MakeWebhook(values))
    hide(world)
    hook = next(iter(state.of(snapshot()).values()))
    rows = list(Delivery.objects.all())
    share(world, "view")
    before = [sender.compose(hook, one) for one in rows]
    share(world, "")
    for one in rows:
        after = sender.compose(hook, one)
        assert isinstance(after, str) or not traces_in(world, payloads.encoded(after)), after
    sent = [payloads.encoded(one) for one in before if not isinstance(one, str)]
    assert sum(bool(traces_in(world, one)) for one in sent) > 20
    reader = fresh(world.snooper)
    for one in sent:
        assert not traces_in(world, payloads.cut(reader, one)), one
    assert any(payloads.cut(reader, one) for one in sent)


# --- files out --------------------------------------------------------------------------------------------------------


def test_files_hold_nothing_hidden(boss: Actor) -> None:
    world = build(boss, KEYS)
    hide(world)
    his, every = browser(world.snooper), browser(fresh(world.boss))
    for key in KEYS:
        record_type = type_of(key)
        for format_ in formats(record_type):
            form = {"columns": "all", "format": format_}
            told = [_taken(client, f"/exports/new/{record_type.slug}?match=all", form) for client in (his, every)]
            assert not traces_in(world, told[0]), (key, format_)
            assert traces_in(world, told[1]), (key, format_)


def _taken(client: Any, url: str, form: dict[str, str]) -> str:
    made = client.post(url, form)
    assert made.status_code == 302, made.content.decode()
    data = b"".join(client.get(made["Location"]).streaming_content)
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data.decode()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return "".join(archive.read(name).decode() for name in archive.namelist())


# --- files in ---------------------------------------------------------------------------------------------------------

FILES = {
    "person": [["ID", "Last name", "Phone", "E-mail"], ["7", "{name}", "+7495{phone}", "{name}2@firm.example"]],
    "company": [["ID", "Company name", "Phone", "Tax number"], ["7", "{name} again", "+7495{phone}", "{tax}"]],
    "lead": [["ID", "Name", "Phone"], ["7", "{name}", "+7495{phone}"]],
    OWN: [["ID", "Name", "Phone"], ["7", "{name} again", "+7495{phone}"]],
}
OF_HIDDEN = {"name": "zqxhidden", "phone": PHONE, "tax": "7736050003"}
OF_NOBODY = {"name": "zqxnobody", "phone": "1110077", "tax": "7728168971"}


@pytest.mark.parametrize("key", list(FILES))
def test_a_row_of_a_hidden_card_goes_the_way_of_a_row_of_nobody(boss: Actor, key: str) -> None:
    """The dry run, the load, what it says of refused rows, and taking it back: the same, word for word."""
    world = build(boss, KEYS)
    hide(world)
    settle()
    ExternalKey.objects.create(source="x", type_key=key, external="7", record_id=world.hidden[key])
    said = [_loaded(world, key, words) for words in (OF_HIDDEN, OF_NOBODY)]
    assert said[0] == said[1]
    assert said[0]["counts"]["types"][key]["made"] == 1
    control = again(world.boss)
    load = tried(control, mapped(control, begun(control, _file(key, OF_HIDDEN)), main=key, source="x"))
    assert load.checked["counts"]["types"][key]["made"] == 0, "who sees the card is told of it"


def _file(key: str, words: dict[str, str]) -> bytes:
    return table([FILES[key][0], [one.format(**words) for one in FILES[key][1]]])


def _loaded(world: World, key: str, words: dict[str, str]) -> dict[str, Any]:
    snooper, client = again(world.snooper), browser(again(world.snooper))
    load = mapped(snooper, begun(snooper, _file(key, words)), main=key, source="x")
    load = tried(snooper, load)
    checked, pages = load.checked, [client.get(f"/import/{load.pk}").content.decode()]
    load = loaded(snooper, load)
    pages.append(client.get(f"/import/{load.pk}").content.decode())
    counts = load.counts
    taken_back(snooper, load)
    pages.append(client.get(f"/import/{load.pk}").content.decode())
    told = json.dumps([checked, counts])
    for one in pages:
        assert not [key for key in world.secrets() if key in one]
    for name, word in words.items():
        told = told.replace(word, name)
    return {"counts": counts, "told": told}


def test_what_a_load_left_is_listed_as_far_as_he_sees_it_today(boss: Actor) -> None:
    """A card of his load is in other hands and has another name by now: taking the load back does not tell it."""
    olga = colleague("Olga", "own")
    Role.objects.filter(members__user=olga.user_id).update(permits=["import"])
    changed()
    load = loaded(again(olga), table([["Last name", "First name"], ["Plain", "Ann"], ["Plain", "Bob"]]), main="person")
    rows = type_of("person").rows
    ann, bob = (rows.get(given_name=name) for name in ("Ann", "Bob"))
    run(again(boss), commands.update("person", bob.pk, 0, {"position": "Buyer"}))
    values = {"owner": str(boss.user_id), "family_name": "Zqxhidden"}
    run(again(boss), commands.update("person", ann.pk, 0, values))
    load = taken_back(again(olga), load)
    assert len(load.left) == 2
    page = browser(again(olga)).get(f"/import/{load.pk}").content.decode()
    assert "Zqxhidden" not in page and str(ann.pk) not in page
    assert "Plain Bob" in page and str(bob.pk) in page


# --- likely pairs -----------------------------------------------------------------------------------------------------


def test_the_number_of_pairs_is_that_of_those_he_may_know(boss: Actor) -> None:
    """A pair alike by an address he may not read, and by a name that alone is not enough, is not counted either."""
    weak = {"type_key": "person", "weights": {"title": 30}, "threshold": 60}
    run(again(boss), SaveSetting("duplicate_rules", weak))
    for _twin in range(2):
        person(boss, "Anna", "Beck", emails=["a@x.example"], phones=["+493012345678"])
    settle()
    masked = colleague("Masked", "all", {"person": {"emails": "mask", "phones": "hide"}})
    record_type = type_of("person")
    shown, _more = pairs.page_of(masked, record_type)
    assert pairs.count(again(boss), record_type) == pairs.visible(masked, record_type).count() == 1
    assert pairs.count(masked, record_type) == len(shown) == 0
    page = browser(masked).get("/duplicates/people").content.decode()
    assert "merge?least=" not in page


def test_a_look_through_the_base_tells_its_size_to_who_may_begin_it(boss: Actor) -> None:
    for n in range(7):
        person(boss, f"Name{n}", f"Family{n}")
    run(again(boss), scan.StartScan("person"))
    scan.Scan.objects.update(total=7654321, done=7654)
    narrow = colleague("Narrow")
    for who, told in ((again(boss), True), (narrow, False)):
        page = browser(who).get("/duplicates/people").content.decode()
        assert ("7654321" in page and "7654 " in page) == told
        assert "<progress" in page


@pytest.mark.parametrize("key", ["person", "company", "lead"])
def test_a_program_that_makes_a_card_hears_of_no_hidden_twin(boss: Actor, key: str) -> None:
    world = build(boss, KEYS)
    settle()
    hide(world)
    record_type = type_of(key)
    sent = dict.fromkeys(record_type.title_fields[:1], "Plain Made") | {"phones": [f"+7495{PHONE}"]}
    hidden = {str(one) for one in (*world.hidden.values(), *world.trashed.values())}

    def told() -> set[str]:
        """The hidden cards that the answer names."""
        made = program(fresh(world.snooper)).post(f"/{record_type.slug}", sent, 201)
        return {one["id"] for one in made["likely"]} & hidden

    assert told() == set()
    share(world, "view")
    assert str(world.hidden[key]) in told()

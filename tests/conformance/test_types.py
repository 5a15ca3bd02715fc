"""Every registered record type lives through its whole life by the generic doors alone."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor, user_actor
from comity.access.snapshot import snapshot
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Create, create
from comity.changes.custom_fields import KINDS
from comity.changes.writer import current
from comity.records import kinds, types
from comity.records.fields import FieldSpec
from comity.records.labels import LANGUAGES
from comity.records.types import RecordType
from support import fields, samples
from support.browser import browser as log_in

TYPES = ("company", "person", "gadget", "task", "deal", "lead")
OWN = "own_thing"  # made by clicks, with a field of every kind an administrator can make
EVERY = (*TYPES, OWN)


def test_no_type_is_left_out() -> None:
    assert {one.key for one in types.all_types()} == set(TYPES)


@pytest.fixture
def browser(boss: Actor) -> Client:
    """A browser logged in as the administrator."""
    return log_in(boss)


def known(boss: Actor, key: str) -> RecordType:
    """The type of a key; the one made by clicks is made when it is asked for."""
    if key != OWN:
        return types.get(key)
    fields.kind(boss, "Thing", "Things")
    choices = [{"key": one, "label": dict.fromkeys(LANGUAGES, one.capitalize())} for one in ("red", "blue")]
    for kind in KINDS:
        marks: dict[str, Any] = {"indexed": True, "search": True, "several": kind == "relation"}
        fields.field(
            boss, OWN, kind, kind, unit="pieces", choices=choices, label=dict.fromkeys(LANGUAGES, kind), **marks
        )
    return fresh(boss).state.record_types[OWN]


def fresh(actor: Actor) -> Actor:
    return user_actor(actor.user_id, snapshot())


def make(boss: Actor, record_type: RecordType, mark: str = "Sample", n: int = 1) -> Any:
    return run(fresh(boss), create(record_type.key, samples.values(fresh(boss), record_type, mark, n))).record.id


def form(client: Client, url: str) -> dict[str, list[str]]:
    """What a browser would post back from the form of a page, unchanged."""
    from support.forms import read_form

    return read_form(client.get(url).content.decode())


@pytest.mark.parametrize("key", EVERY)
def test_made_by_the_form_and_read_back(boss: Actor, browser: Client, key: str) -> None:
    record_type = known(boss, key)
    posted = form(browser, f"/{record_type.slug}/new")
    posted[_name_field(record_type)] = ["Ромашка & сыновья <b>"]
    answer = browser.post(f"/{record_type.slug}/new", posted)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    page = browser.get(answer["Location"]).content.decode()
    assert "Ромашка &amp; сыновья &lt;b&gt;" in page and "<b>" not in page.split("</head>")[1].split("<h1")[1][:300]


def _name_field(record_type: RecordType) -> str:
    return record_type.title_fields[0]


@pytest.mark.parametrize("key", EVERY)
def test_saving_the_unchanged_form_changes_nothing(boss: Actor, browser: Client, key: str) -> None:
    """Every kind survives the way to the control and back."""
    record_type = known(boss, key)
    card = make(boss, record_type)
    before = current(record_type, record_type.model.unguarded.get(pk=card))
    url = f"/{record_type.slug}/{card}/edit"
    answer = browser.post(url, form(browser, url))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    record = record_type.model.unguarded.get(pk=card)
    assert {**current(record_type, record), "updated_at": None} == {**before, "updated_at": None}
    assert record.version == 1


@pytest.mark.parametrize("key", EVERY)
def test_each_field_is_edited_in_place_and_undone(boss: Actor, browser: Client, key: str) -> None:
    record_type = known(boss, key)
    card = make(boss, record_type)
    wanted = samples.values(fresh(boss), record_type, "Other", 2)
    for spec in record_type.specs:
        if spec.key not in wanted or spec.kind in ("user", "bool", "country", "currency", "language"):
            continue
        url = f"/{record_type.slug}/{card}/fields/{spec.key}"
        posted = form(browser, url)
        for one in (spec, *(record_type.spec(key) for key in spec.extra.get("with", ()))):
            posted.update(_posted(one, wanted[one.key]))
        before = current(record_type, record_type.model.unguarded.get(pk=card))[spec.key]
        answer = browser.post(url, posted, headers={"HX-Request": "true"})
        assert answer.status_code == 200, (spec.key, answer.content.decode())
        after = current(record_type, record_type.model.unguarded.get(pk=card))[spec.key]
        assert after == kinds.clean(spec, wanted[spec.key], boss.env), spec.key
        if after == before:
            continue
        undo = answer.content.decode().split("/undo/")[1].split('"')[0]
        assert browser.post(f"/undo/{undo}").status_code == 302
        assert current(record_type, record_type.model.unguarded.get(pk=card))[spec.key] == before, spec.key


def _posted(spec: FieldSpec, value: Any) -> dict[str, Any]:
    """The posted names of a raw value."""
    match spec.kind:
        case "money":
            return {f"{spec.key}-amount": value["amount"], f"{spec.key}-currency": value["currency"]}
        case "address":
            return {f"{spec.key}-{part}": one for part, one in value.items()}
        case "taxnumber":
            return {f"{spec.key}-number": value}
        case "phones" | "emails" | "handles":
            point = value[0] if isinstance(value[0], dict) else {"value": value[0]}
            return {f"{spec.key}-0-value": point["value"], f"{spec.key}-0-label": point.get("label", "")}
    return {spec.key: value}


@pytest.mark.parametrize("key", EVERY)
def test_list_sorts_and_filters_by_every_field(boss: Actor, browser: Client, key: str) -> None:
    record_type = known(boss, key)
    for n in (1, 2, 3):
        make(boss, record_type, "Sample", n)
    assert browser.get(f"/{record_type.slug}").headers["Location"] == f"/{record_type.slug}/"
    for spec in (one for one in record_type.specs if not one.when and "if_any" not in one.extra):
        for direction in ("", "-"):
            answer = browser.get(f"/{record_type.slug}/?sort={direction}{spec.key}")
            assert answer.status_code == 200 and answer.content.decode().count("<tr data-id") == 3
        answer = browser.get(f"/{record_type.slug}/?match=all&f-0={spec.key}&op-0=filled")
        assert answer.status_code == 200, spec.key
        editor = browser.get(f"/{record_type.slug}/filter?f-0={spec.key}", headers={"HX-Request": "true"})
        assert 'name="f-0"' in editor.content.decode(), spec.key


@pytest.mark.parametrize("key", EVERY)
def test_found_by_search_then_trashed_and_restored(boss: Actor, browser: Client, key: str) -> None:
    record_type = known(boss, key)
    card = make(boss, record_type, "Quibbleworth", 5)
    dispatcher.drain()
    assert str(card) in browser.get("/search?q=quibblewort").content.decode()
    if any(spec.kind == "phones" for spec in record_type.specs):
        assert str(card) in browser.get("/palette?q=7000005").content.decode()
    assert browser.post(f"/{record_type.slug}/{card}/trash").status_code == 302
    dispatcher.drain()
    assert str(card) not in browser.get("/search?q=quibblewort").content.decode()
    assert str(card) not in browser.get(f"/{record_type.slug}/").content.decode()
    assert str(card) in browser.get(f"/trash?type={key}").content.decode()
    assert browser.post(f"/{record_type.slug}/{card}/restore").status_code == 302
    dispatcher.drain()
    assert str(card) in browser.get("/search?q=quibblewort").content.decode()


@pytest.mark.parametrize("key", TYPES)
def test_every_label_speaks_six_languages(key: str) -> None:
    record_type = types.get(key)
    labels = [record_type.label, record_type.plural]
    labels += [spec.label for spec in record_type.specs]
    labels += [choice.label for spec in record_type.specs for choice in spec.choices]
    assert not [label for label in labels if label.missing()]


def test_markup_in_every_field_of_every_kind_stays_text(boss: Actor, browser: Client) -> None:
    record_type = types.get("gadget")
    nasty = samples.values(boss, record_type)
    for spec in record_type.specs:
        if spec.kind in ("text", "longtext"):
            nasty[spec.key] = "<script>x</script><i&\"'"
        elif spec.kind == "address":
            nasty[spec.key] = {"street": "<script>x</script>", "city": "<i&\"'"}
        elif spec.kind == "handles":
            nasty[spec.key] = [{"label": "<i>", "value": "<script>\"'"}]
    card = run(boss, Create("gadget", nasty)).record.id
    every = "".join(f"&col={spec.key}" for spec in record_type.specs)
    assert every
    for path in ("", f"{card}", f"{card}/edit", f"{card}/history", f"{card}/story"):
        text = browser.get(f"/gadgets/{path}").content.decode()
        assert "<script>x" not in text and "<i&" not in text and 'value="<script' not in text, path


def test_what_the_fake_room_registered_shows(boss: Actor, browser: Client) -> None:
    card = make(boss, types.get("gadget"))
    text = browser.get(f"/gadgets/{card}").content.decode()
    assert "Fake panel" in text and "fake composer" in text and "Fake line" in text
    from comity.changes.bus import actions

    run(fresh(boss), actions()["gadget.polish"](card))
    assert "polished" in browser.get(f"/gadgets/{card}").content.decode()

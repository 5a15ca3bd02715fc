"""No page says an English word to an Arabic reader: what is not his own data, a code or a name is translated."""

import io
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

import comity
from comity.access import snapshot
from comity.access.actors import Actor, user_actor
from comity.changes import commands, dispatcher
from comity.changes.batch import StartBatch
from comity.changes.bus import run
from comity.changes.colleagues import MakeLink, MakeToken
from comity.changes.commands import Create, Link, ShareRecord, Trash
from comity.changes.files import AddFiles, NewFile
from comity.changes.installation import add_user, install, install_roles
from comity.changes.settings import SaveSetting
from comity.identity.models import User
from comity.kernel import storage
from comity.records import types
from comity.records.models import CustomType, RecordRef, Relation
from comity.ui.pages.settings import kit, urls
from comity.work.notes.commands import WriteNote
from leaks.surfaces import tries
from leaks.world import OWN, World, fresh
from support import fields, samples
from support.browser import browser
from support.held import held
from support.house import again
from ui.reading import Reader, english, undirected

pytestmark = [pytest.mark.django_db, pytest.mark.alike]


def test_the_reader_sees_directions() -> None:
    assert (
        undirected(
            Reader('<p dir="auto"><b>نعم</b> <i dir="auto">لا</i></p><bdi>Yes</bdi><td dir="auto">12</td>').directed
        )
        == set()
    )
    assert undirected(Reader('<p dir="auto">– <a dir="auto">نعم</a></p><i dir="auto"></i>').directed) == {
        "no direction: – نعم"
    }


def test_the_reader_reads() -> None:
    page = (
        '<title>نعم</title><script id="i18n">{"a": "Undone"}</script><p>Save <b>as</b></p><kbd>Ctrl</kbd>'
        '<input value="mine" placeholder="Type"><script>var x</script><p>Ann@firm.example Comity Europe/Berlin EUR</p>'
    )
    assert english(Reader(page).spoken) == {"Undone", "Save", "as", "Type"}


# --- the house -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The house, made once; each test begins with it."""
    with held(django_db_blocker):
        yield _house()


@pytest.fixture
def world(made: World, db: None) -> World:
    return made


def _house() -> World:
    """Cards of every type with a story, files, links, shares, notices; settings of every sort. All of it in Arabic."""
    install("دار", "EG", "Africa/Cairo", "ar", "EGP")
    roles = install_roles()
    users = [
        add_user(name, f"{key}@firm.example", administrator=admin, roles=() if admin else (roles["manager"],))[0]
        for key, name, admin in (("one", "ليلى", True), ("two", "كريم", True), ("three", "سامي", False))
    ]
    User.objects.update(language="ar")
    snapshot.changed()
    boss, other, third = (user_actor(one) for one in users)
    made = World(boss, boss, other, None, others=defaultdict(uuid4))
    _settings(boss, users)
    made.boss = made.snooper = boss = fresh(boss)
    for key in ("company", "person", "gadget", "task", "deal", "lead", OWN):
        values = samples.values(boss, boss.state.record_types[key], "نور", 1)
        kinds = {spec.key: spec.kind for spec in boss.state.record_types[key].specs}
        values |= {"emails": ["nur@firm.example"]} if "emails" in kinds else {}
        values = {name: raw for name, raw in values.items() if kinds[name] != "url"}
        values = {name: _arabic(raw) for name, raw in values.items()}
        made.visible[key] = made.hidden[key] = _lived(made, key, values)
        made.trashed[key] = run(boss, commands.create(key, values)).record.id
        run(boss, Trash(key, made.trashed[key]))
    related = (RecordRef("company", made.visible["company"]), RecordRef("person", made.visible["person"]))
    made.events += run(boss, Link("related", *related)).events
    made.events += run(boss, Link("works_at", related[1], related[0], roles=("director",))).events
    made.relations += Relation.objects.values_list("pk", flat=True)
    run(fresh(third), Create("company", {"name": "شركة سامي"}))
    dispatcher.drain()
    return made


def _arabic(raw: Any) -> Any:
    """A sample without the key that it bears."""
    if isinstance(raw, dict):
        return {name: _arabic(value) for name, value in raw.items()} | ({"street": "شارع"} if "street" in raw else {})
    return re.sub(r"نور [a-z_]+ ", "نور ", raw).replace("نورville", "القاهرة") if isinstance(raw, str) else raw


def _lived(world: World, key: str, values: dict[str, Any]) -> UUID:
    """A card that went through everything a story tells."""
    boss, other = world.boss, world.owner
    one = run(boss, commands.create(key, values)).record.id
    changed = {"owner": str(other.user_id), boss.state.record_types[key].title_fields[0]: "نور الهدى"}
    made = run(boss, commands.update(key, one, 0, changed))
    world.events += made.events
    note = run(fresh(other), WriteNote(key, one, "اتصلت بهم @ليلى", [boss.user_id]))  # type: ignore[list-item]
    world.notes.append(UUID(note.data["note"]))
    mine = run(boss, WriteNote(key, one, "ملاحظة"))
    world.notes.append(UUID(mine.data["note"]))
    stored = storage.save(io.BytesIO(b"text"), 1000)
    added = run(boss, AddFiles(key, one, [NewFile("عقد.txt", stored.sha256, stored.size, "text/plain")]))
    world.files += [UUID(file) for file in added.data["files"]]
    run(fresh(other), ShareRecord(key, one, boss.user_id, level="edit"))
    return one


def _settings(boss: Actor, users: list[UUID]) -> None:
    team = run(boss, SaveSetting("team", {"name": "المبيعات"})).record.id
    run(boss, SaveSetting("membership", {"user": users[1], "team": team, "main": True, "lead": "1"}))
    run(boss, SaveSetting("tag", {"name": "مهم", "hue": 2}))
    names = {"ar": "درجة"}
    choices = [{"key": "x", "label": {"ar": "أولى"}, "hue": 1}]
    run(boss, SaveSetting("field", {"type_key": "company", "key": "own_x", "kind": "choice", "label": names,
                                    "choices": choices}))  # fmt: skip
    run(boss, SaveSetting("relation_kind", {"key": "own_x", "forward": {"ar": "زبون"}, "backward": {"ar": "بائع"}}))
    run(boss, MakeToken("برنامج", days=90))
    fields.kind(boss, label={"ar": "عقار"}, plural={"ar": "عقارات"})
    fields.field(boss, OWN, "stage", "choice", label={"ar": "مرحلة"}, choices=choices)
    run(again(boss), SaveSetting("type", {"board_by": "own_stage"}, CustomType.objects.get(key=OWN).pk))


# --- its pages -------------------------------------------------------------------------------------------------------


def pages(client: Client, world: World) -> Iterator[tuple[str, Any]]:
    """Every answer of the interface that a browser would show, with its address."""
    visits = {(one.url, one.fragment) for one in tries(world) if one.method == "get"}
    visits |= {(url, part) for url in _further(world) for part in (False, True)}
    for url, part in sorted(visits):
        if not url.startswith("/api/") and not re.fullmatch(r"/files/[0-9a-f-]{36}", url):
            yield url, client.get(url, headers={"HX-Request": "true"} if part else {})


def _further(world: World) -> Iterator[str]:
    yield from ("/", "/settings/", "/settings/find?q=", "/settings/find?q=x", "/notices", "/no-such-page", "/login")
    yield from (f"/notes/{one}/edit" for one in world.notes)
    assert len(kit.pages_for(world.boss)) >= len(urls.PAGES)  # the modules are loaded and registered
    for page in kit.pages_for(world.boss):
        yield page.url
        for item in _items(page.key):
            yield f"{page.url}/{item}"
            yield from (kit.act_url(page, act, item) for act in page.acts)
        yield from (kit.act_url(page, act) for act in page.acts)


def _items(page: str) -> list[str]:
    from comity.access.models import Role
    from comity.identity.models import Team
    from comity.records.models import CustomField, RelationKind, Tag

    models: dict[str, Any] = {
        "people": User, "teams": Team, "roles": Role, "fields": CustomField, "tags": Tag, "links": RelationKind,
    }  # fmt: skip
    shipped = {
        "lists": ["source", "competitor"],
        "pipelines": ["sales"],
        "stages": ["new", "won"],
        "goals": ["2026-03"],
    }
    if page in models:
        return [str(key) for key in models[page].objects.values_list("pk", flat=True)]
    return shipped.get(page, [])


def answers_to_forms(client: Client, world: World) -> Iterator[tuple[str, Any]]:
    """What the forms say to nothing, to nonsense, and after they are done; the message stands on the next page."""
    boss, nonsense = world.boss, "؟"
    posts: list[tuple[str, dict[str, Any]]] = [("/notes/company/{company}", {"text": ""})]
    for key, card in world.visible.items():
        record_type = fresh(boss).state.record_types[key]
        fields = {spec.key: nonsense for spec in record_type.specs}
        rows = {f"{spec.key}-0-value": nonsense for spec in record_type.specs if spec.stored == "rows"}
        counts = {f"{spec.key}-count": "1" for spec in record_type.specs if spec.stored == "rows"}
        for url in (f"/{record_type.slug}/new", f"/{record_type.slug}/{card}/edit"):
            posts += [(url, {}), (url, {"version": "1", **fields, **rows, **counts})]
        for act in ("owner", "tag", "edit", "nonsense"):
            posts += [(f"/{record_type.slug}/bulk/{act}", {}), (f"/{record_type.slug}/bulk/{act}", {"id": str(card)})]
            posts.append((f"/{record_type.slug}/bulk/{act}", {"id": str(card), "sure": "1"}))
        posts += [(f"/{record_type.slug}/{card}/{act}", {}) for act in ("shares", "links", "files", "pin", "tags")]
        posts += [(f"/{record_type.slug}/{card}/{act}", {}) for act in ("trash", "restore")]
        posts.append((f"/{record_type.slug}/views/new", {"name": ""}))
        posts += [(f"/{record_type.slug}/{card}/fields/{spec.key}", {"version": "1", spec.key: nonsense})
                 for spec in record_type.specs if spec.level == "write"]  # fmt: skip
    for page in kit.pages_for(boss):
        for act in sorted(page.acts, key=lambda name: name in ("see-as", "off", "delete", "archive")):
            if act != "see-as":
                posts += [(kit.act_url(page, act, item), {}) for item in _items(page.key)]
                posts.append((kit.act_url(page, act), {}))
    posts += [(f"/undo/{event}", {}) for event in world.events]
    for url, data in posts:
        url = url.replace("{company}", str(world.visible["company"]))
        for headers in ({"HX-Request": "true"}, {}):
            answer = client.post(url, data, headers=headers)
            yield url, answer
            if answer.status_code == 302 and "login" not in answer["Location"]:
                yield f"{url} -> {answer['Location']}", client.get(answer["Location"])


def complaints(answers: Iterator[tuple[str, Any]]) -> str:
    """What is said in English or runs the wrong way, each with the first address that says it."""
    found: dict[str, str] = {}
    for url, answer in answers:
        assert answer.status_code < 500, url
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            html = answer.content.decode()
            if "<html" in html:
                assert '<html lang="ar" dir="rtl"' in html, url
            page = Reader(html)
            said = english(page.spoken)
            if url.startswith("/settings/fields"):  # a table of the labels in all languages
                labels = [
                    label
                    for one in types.all_types()
                    for label in (one.label, one.plural, *(s.label for s in one.specs))
                ]
                said -= {text for label in labels for text in label.texts.values()}
            found = dict.fromkeys(said | undirected(page.directed), url) | found
    return "\n".join(f"{text}   [{url}]" for text, url in sorted(found.items()))


def test_no_page_speaks_english(world: World) -> None:
    found = complaints(pages(browser(world.boss), world))
    assert not found, found


def test_no_answer_to_a_form_speaks_english(world: World) -> None:
    found = complaints(answers_to_forms(browser(world.boss), world))
    assert not found, found


def test_many_cards_and_a_colleagues_eyes(world: World) -> None:
    ids = list(world.visible.values())[:1]
    run(world.boss, StartBatch("company", "trash", ids))
    dispatcher.drain()
    client = browser(world.boss)
    third = str(User.objects.get(name="سامي").pk)
    seen = [client.get("/notices"), client.get("/settings/audit"), client.post(f"/settings/people/{third}/do/see-as")]
    seen += [client.get("/companies/"), client.post("/companies/new", {}), client.get("/settings/")]
    found = complaints((f"{n}", answer) for n, answer in enumerate(seen))
    assert not found, found
    assert "سامي" in seen[3].content.decode()


def test_the_door_speaks_arabic_too(world: World) -> None:
    secret = run(world.boss, MakeLink(User.objects.get(name="سامي").pk)).secret
    client = Client(HTTP_HOST="localhost", HTTP_SEC_FETCH_SITE="same-origin")
    address = secret if secret.startswith("/") else f"/welcome/{secret}"
    seen = [client.get("/login"), client.post("/login", {"username": "x", "password": "x"}), client.get(address)]
    seen += [
        client.post(address, {"password": "a", "again": "b"}),
        client.post(address, {"password": "a", "again": "a"}),
    ]
    seen += [client.get("/welcome/nonsense")]
    seen += [client.post("/login", {"username": "x", "password": "x"}) for _again in range(12)]
    found = complaints((f"{n}", answer) for n, answer in enumerate(seen))
    assert not found, found


# --- the templates themselves ----------------------------------------------------------------------------------------


def test_templates_hold_no_words_of_their_own() -> None:
    """Also on the branches that no page above took."""
    found = []
    for path in sorted(Path(comity.__file__).parent.rglob("templates/**/*.html")):
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(), flags=re.S)
        found += [
            f"{path.name}: {said}" for said in english(Reader(text).spoken) if '="' not in said
        ]  # attributes kept for later
    assert not found, "\n".join(found)

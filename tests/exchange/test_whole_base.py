"""The whole base out and in: equal on either engine; what was tampered with is refused, and nothing of it loaded."""

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

import comity
from comity.access.actors import Actor
from comity.changes import commands
from comity.changes.bus import run
from comity.changes.commands import Trash
from comity.exchange.exports.whole import layout, lines, loading
from comity.exchange.exports.whole.checking import Unloadable
from comity.identity.models import User
from comity.kernel import storage
from comity.kernel.errors import Refused
from comity.records.models import ContactPoint, CustomField, TagLink
from comity.timeline.models import Event
from support.fields import field
from support.house import again, company
from support.installation import ADMINISTRATOR, INIT, Installation
from support.samples import values
from support.waiting import eventually

CUSTOM = ("text", "longtext", "integer", "number", "percent", "money", "date", "datetime", "bool", "choice", "choices",
          "user", "url", "country", "language", "currency", "phones", "emails", "handles", "address")  # fmt: skip
SOURCE, TESTS = str(Path(comity.__file__).parent.parent), str(Path(__file__).parent.parent)
OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}
Parts = dict[str, bytes]


def parts(path: Path) -> Parts:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def same(first: Path, second: Path) -> None:
    """Equal but for the moment they were made, and what the second tells of its being loaded."""
    one, other = parts(first), parts(second)
    assert one.keys() == other.keys()
    for name in one.keys() - {layout.MANIFEST, "tables/timeline.event.jsonl"}:
        assert one[name] == other[name], name
    before, after = (held["tables/timeline.event.jsonl"].splitlines() for held in (one, other))
    assert after[: len(before)] == before
    assert {json.loads(line)["type"] for line in after[len(before) :]} == {"base.loaded", "user.link_made"}


def backed_up(installation: Installation, path: Path) -> dict[str, list[Any]]:
    """The tables of cards as they stand, with what is worked out of them."""
    installation.ok("backup", str(path))
    rooms = ("tables/parties", "tables/sales", "tables/work", "tables/records")
    anew = tuple(f"tables/records.{name}" for name in ("contactpoint", "taglink", "fielduse"))
    found = {}
    with tarfile.open(path) as tar:
        for name in tar.getnames():
            if name.startswith(rooms) and not name.startswith(anew):
                packed_lines = tar.extractfile(name)
                assert packed_lines
                found[name] = [json.loads(line) for line in gzip.decompress(packed_lines.read()).splitlines()]
    return found


def test_the_demo_company_moves_to_another_base_and_is_equal(
    make_installation: Callable[..., Installation], engine: str, tmp_path: Path
) -> None:
    source = make_installation().made_by("demo", "--language", "ru")
    source.ok("export", str(tmp_path / "one.zip"))
    target = make_installation(engine=OTHER[engine] if engine == "postgresql" else engine)
    said = target.ok("load", str(tmp_path / "one.zip"))
    assert "owner@demo.example" in said and "/welcome/" in said
    target.ok("export", str(tmp_path / "two.zip"))
    same(tmp_path / "one.zip", tmp_path / "two.zip")
    assert backed_up(source, tmp_path / "one.tar") == backed_up(target, tmp_path / "two.tar")
    kept = {path.name for path in (source.home / "files").rglob("*") if path.is_file()}
    assert kept == {path.name for path in (target.home / "files").rglob("*") if path.is_file()} and kept
    if engine == "postgresql":
        back = make_installation()
        back.ok("load", str(tmp_path / "two.zip"))
        back.ok("user", "add", "new@example.com", "New")  # numbers go on after the loaded ones
    refused = target.run("load", str(tmp_path / "one.zip"))
    assert refused.returncode == 1 and "in use" in refused.stderr and "Traceback" not in refused.stderr


def asked(comity: Installation) -> Callable[..., Any]:
    """A program with a token of the administrator's: (method, path, body) -> (status, answer)."""
    token = comity.ok("token", ADMINISTRATOR).split()[-1]

    def ask(method: str, path: str, body: Any = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"{comity.url}/api/v1{path}", json.dumps(body).encode() if body is not None else None, method=method,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                content = answer.read()
                return answer.status, json.loads(content) if "json" in answer.headers["Content-Type"] else content
        except urllib.error.HTTPError as problem:
            return problem.code, json.loads(problem.read())

    return ask


def test_what_a_firm_made_of_it_moves_along_and_works_there(
    make_installation: Callable[..., Installation], engine: str, tmp_path: Path
) -> None:
    """Own kinds with formulas, links and files, merged cards, imports and layouts: to the other engine and back."""
    source = make_installation().init()
    made = subprocess.run(
        [source.python, "-m", "support.rich_base"], cwd=source.home, capture_output=True, text=True, timeout=600,
        env={**source.environment, "PYTHONPATH": f"{TESTS}:{SOURCE}"},
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout.splitlines()[-1])
    source.ok("export", str(tmp_path / "one.zip"))
    left = json.loads(parts(tmp_path / "one.zip")[layout.MANIFEST])
    assert not [name for name in left["parts"] if "webhook" in name] and b"hooks.example" not in b"".join(
        content for name, content in parts(tmp_path / "one.zip").items() if name.startswith(("cards/", "tables/api"))
    )
    target = make_installation(engine=OTHER[engine] if engine == "postgresql" else engine)
    target.ok("load", str(tmp_path / "one.zip"))
    target.ok("export", str(tmp_path / "two.zip"))
    same(tmp_path / "one.zip", tmp_path / "two.zip")
    assert backed_up(source, tmp_path / "one.tar") == backed_up(target, tmp_path / "two.tar")
    if engine == "postgresql":
        target = make_installation()
        target.ok("load", str(tmp_path / "two.zip"))
    ask = asked(target.start())
    _status, house = ask("GET", f"/properties/{told['house']}")
    assert (house["own_area"], house["own_each"]["amount"]) == ("80", "2000")
    assert house["own_owner"] == [f"company:{told['kept']}"] and len(house["own_parties"]) == 2
    (plan,) = house["own_plan"]
    assert ask("GET", f"/properties/{told['house']}/files/{plan['id']}") == (200, b"four walls")
    assert ask("GET", f"/companies/{told['kept']}")[1]["own_worth"]["amount"] == "160000"
    assert [one["title"] for one in ask("GET", "/properties?own_area__more=50&sort=-updated_at")[1]["items"]] == [
        "Mill Lane"
    ]
    assert [one["title"] for one in ask("GET", "/properties/trash")[1]["items"]] == ["In the trash"]
    agreed = ask("GET", f"/people/{told['ann']}/consents")[1]["items"]
    assert [(one["given"], one["holds"], one["note"], one["file"]) for one in agreed] == [
        (False, False, "", None), (True, True, "At the fair", told["scan"]),
    ]  # fmt: skip
    status, problem = ask("GET", f"/companies/{told['lost']}")
    assert status == 410 and problem["current"] == {"merged_into": told["kept"]}
    assert ask("GET", "/hooks")[1] == {"items": []}
    changed = {"version": house["version"], "own_area": "40"}
    assert ask("PATCH", f"/properties/{told['house']}", changed)[1]["own_each"]["amount"] == "4000"
    new = {"name": "High Street", "own_price": {"amount": "1", "currency": "EUR"}, "own_owner": [told["kept"]]}
    assert ask("POST", "/properties", new)[0] == 201
    worth = lambda: ask("GET", f"/companies/{told['kept']}")[1]["own_worth"]["amount"]  # noqa: E731
    assert eventually(lambda: worth() == "160001"), "the worker counts roll-ups there"
    assert ask("POST", f"/batches/{told['batch']}/undo")[1]["state"] == "undoing"
    assert eventually(lambda: ask("GET", f"/batches/{told['batch']}")[1]["state"] == "undone")
    assert not [one for one in ask("GET", "/people")[1]["items"] if one["title"].startswith(("Ida", "Otto"))]


def test_every_table_is_told_or_left_out_for_a_reason_and_secrets_never_leave() -> None:
    told = {model._meta.label_lower for model in (*layout.tables(), *layout.card_models())}
    every = {
        model._meta.label_lower for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("comity.")
    }  # fmt: skip
    told.discard("fake_room.gadget")
    assert told | layout.INSIDE | layout.LEFT_OUT.keys() == every and not told & layout.LEFT_OUT.keys()
    columns = {f"{model._meta.label_lower}.{name}" for model in layout.tables() for name in layout.columns(model)}
    assert not [name for name in columns if any(word in name for word in ("password", "secret", "hash", "token"))]


@pytest.mark.django_db
def test_a_card_comes_back_from_its_line_as_it_stood(boss: Actor) -> None:
    """Every shipped type, with a value in every field, in the trash too."""
    units = {"integer": {"unit": "pieces"}, "number": {"unit": "hours"}}
    choices = [{"key": "red", "label": {"en": "Red"}}]
    for kind in CUSTOM:
        more = {"choices": choices} if kind.startswith("choice") else units.get(kind, {})
        field(boss, "company", f"a_{kind}", kind, **more)
    seen = 0
    for key in ("company", "person", "lead"):
        actor = again(boss)
        record_type = actor.state.record_types[key]
        made = run(actor, commands.create(record_type.key, values(actor, record_type))).record
        run(again(boss), Trash(record_type.key, made.id))
        form = lines.Cards(record_type, CustomField.objects.filter(type_key=record_type.key), "ru")
        (row,) = record_type.model._base_manager.values(*form.columns)
        points = list(ContactPoint.objects.filter(record_id=made.id).order_by("field", "position"))
        tags = list(TagLink.objects.filter(record_id=made.id).values_list("tag_id", flat=True))
        line = json.loads(json.dumps(form.line(row, points, tags)))
        card, read_points, read_tags = form.card(line)
        assert {name: getattr(card, name) for name in form.columns} == row
        assert [(one.field, one.fold, one.last9, one.value, one.position) for one in read_points] == [
            (one.field, one.fold, one.last9, one.value, one.position) for one in points]  # fmt: skip
        assert [one.tag_id for one in read_tags] == tags and not line["custom"]
        seen += 1
    assert seen == 3


@pytest.fixture(scope="module")
def archive(make_installation: Callable[..., Installation], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo company's first days: what a base has, but little of it."""
    source = make_installation().made_by("demo", "--language", "ru")
    folder = tmp_path_factory.mktemp("whole")
    source.ok("export", str(folder / "all.zip"))
    held = parts(folder / "all.zip")
    kept = {layout.MANIFEST, *(f"tables/{key}.jsonl" for key in (*layout.FIRST, "records.tag", "records.storedfile"))}
    manifest = json.loads(held[layout.MANIFEST])
    for name in [name for name in held if name not in kept and not name.startswith("files/")]:
        if name in (EVENTS, PEOPLE, DEALS):
            held[name] = b"".join(held[name].splitlines(keepends=True)[:20])
        else:
            del held[name], manifest["parts"][name]
    held[layout.MANIFEST] = json.dumps(manifest).encode()
    for name in (EVENTS, PEOPLE, DEALS):
        owned_up(held, name, held[name])
    return packed(folder / "base.zip", held)


def test_what_was_not_tampered_with_is_loaded(archive: Path, db: None) -> None:
    loading.load(archive)
    assert Event.objects.count() == 21 and User.objects.exists()


def packed(path: Path, held: Parts) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in held.items():
            out.writestr(name, content)
    return path


def owned_up(held: Parts, name: str, content: bytes) -> None:
    """Change a part and tell so in the table of contents, as one does who knows the form."""
    held[name] = content
    manifest = json.loads(held[layout.MANIFEST])
    manifest["parts"][name] = {"lines": content.count(b"\n"), "sha256": hashlib.sha256(content).hexdigest()}
    held[layout.MANIFEST] = json.dumps(manifest).encode()


def changed(held: Parts, name: str, change: Callable[[dict[str, Any]], None], at: int = 0) -> None:
    """Change a line, and tell so."""
    found = held[name].splitlines()
    line = json.loads(found[at])
    change(line)
    found[at] = json.dumps(line).encode()
    owned_up(held, name, b"\n".join(found) + b"\n")


def _manifest(held: Parts, **more: Any) -> None:
    held[layout.MANIFEST] = json.dumps({**json.loads(held[layout.MANIFEST]), **more}).encode()


def _swap_file(held: Parts) -> None:
    name = next(name for name in held if name.startswith("files/"))
    held[name] = b"something else"


EVENTS, PEOPLE, DEALS = "tables/timeline.event.jsonl", "cards/person.jsonl", "cards/deal.jsonl"
TAMPERED: dict[str, tuple[Callable[[Parts], Any], str]] = {
    "a path outside": (lambda held: held.update({"../evil": b"x"}), "no place"),
    "an absolute path": (lambda held: held.update({"/etc/passwd": b"x"}), "no place"),
    "a file in a folder above": (lambda held: held.update({"files/../../x": b"x"}), "no place"),
    "a table nobody knows": (lambda held: held.update({"tables/future.thing.jsonl": b"{}\n"}), "newer Comity"),
    "a later version": (lambda held: _manifest(held, version=2), "version 2"),
    "another form": (lambda held: _manifest(held, format="zip"), "table of contents"),
    "no table of contents": (lambda held: held.pop(layout.MANIFEST), "missing"),
    "a part missing": (lambda held: held.pop(PEOPLE), "missing"),
    "a part cut short": (lambda held: held.update({PEOPLE: held[PEOPLE][:-40]}), "not what it was"),
    "a line edited": (lambda held: held.update({PEOPLE: held[PEOPLE].replace(b"a", b"b", 1)}), "not what it was"),
    "a file edited": (_swap_file, "not what it was"),
    "a file too many": (lambda held: held.update({f"files/{'0' * 64}": b""}), "too many"),
    "history edited with care": (
        lambda held: changed(held, EVENTS, lambda line: line["payload"].update(title="Never was")), "history"),
    "history with a gap": (
        lambda held: owned_up(held, EVENTS, b"\n".join(held[EVENTS].splitlines()[3:]) + b"\n"), "history|fit together"),
    "an owner nobody knows": (
        lambda held: changed(held, DEALS, lambda line: line.update(owner_id=str(loading.new_id()))), "fit together"),
    "a field nobody knows": (lambda held: changed(held, PEOPLE, lambda line: line["fields"].update(evil=1)), "line 1"),
    "a column nobody knows": (lambda held: changed(held, PEOPLE, lambda line: line["more"].update(evil=1)), "line 1"),
    "a secret slipped in": (
        lambda held: changed(held, "tables/identity.user.jsonl", lambda line: line.update(password="x")), "line 1"),
    "a word for a number": (lambda held: changed(held, PEOPLE, lambda line: line.update(version="one")), "line 1"),
    "a text far too long": (
        lambda held: changed(held, PEOPLE, lambda line: line["fields"].update(given_name="x" * 5000)), "line 1"),
    "a card twice": (
        lambda held: owned_up(held, PEOPLE, held[PEOPLE] + held[PEOPLE].splitlines()[0] + b"\n"), "fit together"),
    "no lines at all": (lambda held: owned_up(held, PEOPLE, b"[" * 100_000 + b"\n"), "line 1"),
    "cards of no kind": (lambda held: owned_up(held, "cards/own_ghost.jsonl", b"{}\n"), "nobody has described"),
    "a bomb": (lambda held: owned_up(held, "tables/records.tag.jsonl", b" " * 70_000_000), "far more"),
}  # fmt: skip


@pytest.fixture
def empty(db: None) -> Iterator[None]:
    """After a refusal the base is as empty as before, and so is the store."""
    stored = set(storage.saved_before(loading.now()))
    yield
    assert not User.objects.exists() and not Event.objects.exists()
    assert not any(model._base_manager.exists() for model in (*layout.tables(), *layout.card_models()))
    assert set(storage.saved_before(loading.now())) <= stored


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_refused_whole(what: str, archive: Path, tmp_path: Path, empty: None) -> None:
    change, says = TAMPERED[what]
    held = parts(archive)
    change(held)
    with pytest.raises(Unloadable, match=says):
        loading.load(packed(tmp_path / "bad.zip", held))


def test_half_a_file_and_no_archive_are_refused(archive: Path, tmp_path: Path, empty: None) -> None:
    for content in (archive.read_bytes()[:5000], b"", b"no archive at all", io.BytesIO(b"PK\x03\x04").getvalue()):
        path = tmp_path / "bad.zip"
        path.write_bytes(content)
        with pytest.raises(Unloadable):
            loading.load(path)


@pytest.mark.django_db
def test_a_base_in_use_is_never_loaded_over(boss: Actor, archive: Path) -> None:
    company(boss, "Kept")
    with pytest.raises(Refused):
        loading.load(archive)


def test_sample_data_goes_by_a_command_and_a_real_base_never_does(
    make_installation: Callable[..., Installation],
) -> None:
    sample = make_installation().made_by("demo", "--language", "ru")
    assert sample.run("demo", "--remove").returncode == 1  # nobody said yes
    assert "owner@demo.example" in sample.ok("user", "list")
    assert "comity init" in sample.ok("demo", "--remove", "--yes")
    assert not [path for path in (sample.home / "files").rglob("*") if path.is_file()]
    sample.ok(*INIT)
    refused = sample.run("demo", "--remove", "--yes")
    assert refused.returncode == 1 and "not the demo" in refused.stderr
    assert "ann@example.com" in sample.ok("user", "list")

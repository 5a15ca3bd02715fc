"""Lists as files: what their reader sees, in types, harmless, told, for their maker alone."""

import csv
import io
import json
import zipfile
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from comity.access.actors import Actor, system
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.changes.bus import run
from comity.changes.commands import ShareRecord
from comity.changes.entrance import SetPassword
from comity.exchange.exports import commands, making
from comity.exchange.exports.commands import StartExport
from comity.exchange.exports.model import Export
from comity.exchange.exports.whole.making import StartBase
from comity.identity.models import User
from comity.kernel import clock, jobs, moment
from comity.kernel.errors import NotFound, Refused
from comity.kernel.sheets import open_sheet
from comity.timeline.models import Event
from support.browser import browser
from support.house import again, colleague, company, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(boss: Actor) -> Actor:
    """He reads English."""
    return speaks(boss, "en")


def speaks(actor: Actor, language: str) -> Actor:
    User.objects.filter(pk=actor.user_id).update(language=language)
    changed()
    return again(actor)


def content(response: Any) -> bytes:
    assert response.status_code == 200
    return b"".join(response.streaming_content)


def taken(actor: Actor, slug: str, query: str = "", **form: str) -> bytes:
    """What the browser saves when he presses "Export"."""
    client = browser(again(actor))
    done = client.post(f"/exports/new/{slug}?{query}", {"columns": "shown", "format": "csv", **form})
    assert done.status_code == 302, done.content.decode()
    return content(client.get(done["Location"]))


def lines(data: bytes, delimiter: str = ",") -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))


def may(actor: Actor, scope: str = "own") -> Actor:
    """Give a colleague's role the right to export."""
    role = Role.objects.get(key=f"role-{actor.member.name}")
    role.grants["*"]["export"] = scope
    role.save()
    changed()
    return again(actor)


def test_a_list_leaves_as_its_reader_sees_it(boss: Actor) -> None:
    company(boss, "Beta", country="BG", turnover={"amount": "1234.5", "currency": "EUR"}, discount="12.5")
    company(boss, "Alpha", country="DE", employees="7", client_since="2020-02-29")
    company(boss, "Hidden by the filter", country="FR")
    query = "match=all&f-0=country&op-0=any&v-0=BG&v-0=DE&sort=-title"
    rows = lines(taken(boss, "companies", query, columns="all"))
    assert [row["Name"] for row in rows] == ["Beta", "Alpha"]
    assert rows[0]["Country"] == "Bulgaria" and rows[0]["Annual turnover"] == "1234.5 EUR"
    assert rows[0]["Discount"] == "12.5%" and rows[1]["Client since"] == "2020-02-29"
    event = Event.objects.get(type="list.exported")
    assert event.actor_id == boss.user_id and event.payload["rows"] == 2
    assert event.payload["filter"]["all"][0]["field"] == "country"
    assert "exported the list" in browser(again(boss)).get("/settings/audit").content.decode()


def test_cells_of_a_workbook_keep_their_types(boss: Actor, tmp_path: Path) -> None:
    company(boss, "=cmd|' /C calc'!A0", turnover={"amount": "1234.5", "currency": "RUB"}, discount="12.5",
            employees="7", client_since="2020-02-29")  # fmt: skip
    path = tmp_path / "out.xlsx"
    path.write_bytes(taken(boss, "companies", columns="all", format="xlsx"))
    sheet = openpyxl.load_workbook(path).active
    cells = dict(zip([one.value for one in sheet[1]], sheet[2], strict=True))
    assert cells["Name"].data_type == "s" and cells["Name"].value.startswith("=cmd")
    assert cells["Employees"].value == 7 and cells["Discount"].value == 0.125
    with_types = dict(
        zip(*(lambda s: (s.header, next(iter(s.rows())).cells))(open_sheet(path, "out.xlsx")), strict=True)
    )
    assert (with_types["Annual turnover"].kind, with_types["Annual turnover"].currency) == ("money", "RUB")
    assert with_types["Discount"].kind == "percent" and str(with_types["Discount"].value) == "12.5"
    assert with_types["Client since"].kind == "date"


@pytest.mark.parametrize("name", ["=1+1", "+49", "-2", "@me", "'=already", "it's"])
def test_what_a_spreadsheet_would_run_goes_out_harmless_and_comes_back(boss: Actor, name: str, tmp_path: Path) -> None:
    company(boss, name)
    path = tmp_path / "out.csv"
    path.write_bytes(taken(boss, "companies"))
    raw = lines(path.read_bytes())[0]["Name"]
    assert not raw.startswith(("=", "+", "-", "@"))
    assert next(iter(open_sheet(path, "out.csv").rows())).cells[0].value == name


def test_languages_of_a_decimal_comma_get_their_delimiter(boss: Actor) -> None:
    company(boss, "Вишня", turnover={"amount": "1234.5", "currency": "RUB"})
    rows = lines(taken(speaks(boss, "ru"), "companies", columns="all"), ";")
    assert rows[0]["Название"] == "Вишня" and rows[0]["Годовой оборот"] == "1234,5 RUB"


def test_people_leave_as_cards_that_come_back(boss: Actor, tmp_path: Path) -> None:
    firm = company(boss, "Beta; & Sons")
    person(boss, "Анна", "Бек", company=str(firm.id), about="one\ntwo, three;",
           phones=[{"label": "mobile", "value": "+74957654321"}], emails=[{"label": "work", "value": "a@b.example"}],
           address={"street": "Main 1", "city": "Sofia", "country": "BG"}, birth_date="1990-05-01")  # fmt: skip
    for format_, version in (("vcard", "4.0"), ("vcard3", "3.0")):
        path = tmp_path / f"{format_}.vcf"
        path.write_bytes(taken(boss, "people", format=format_))
        assert f"VERSION:{version}".encode() in path.read_bytes()
        assert all(len(line) <= 75 for line in path.read_bytes().split(b"\r\n"))
        source = open_sheet(path, path.name)
        cells = dict(zip(source.header, next(iter(source.rows())).cells, strict=True))
        values = {key: cell.value for key, cell in cells.items()}
        assert values["First Name"] == "Анна" and values["Last Name"] == "Бек"
        assert values["Organization Name"] == "Beta; & Sons" and values["Notes"] == "one\ntwo, three;"
        assert "+74957654321" in values.values() and "a@b.example" in values.values()
        assert str(values["Birthday"]) == "1990-05-01" and "Sofia" in values.values()


def test_programs_get_lines_of_json(boss: Actor) -> None:
    firm = company(boss, "Beta", turnover={"amount": "1234.5", "currency": "RUB"})
    (line,) = taken(boss, "companies", format="jsonl", columns="all").decode().splitlines()
    card = json.loads(line)
    assert card["id"] == str(firm.id) and card["turnover"] == {"amount": "1234.5", "currency": "RUB"}


def test_a_narrow_reader_takes_nothing_hidden_along(boss: Actor) -> None:
    ann = may(colleague("Ann", fields={"person": {"emails": "hide", "phones": "mask"}}, language="en"))
    secret = company(boss, "Secret firm")
    points = {"phones": [{"label": "work", "value": "+74957654321"}], "emails": ["x@y.example"]}
    person(boss, "Own", "Card", owner=str(ann.user_id), company=str(secret.id), **points)
    person(boss, "Not", "Hers", **points)
    shared = person(boss, "Only", "Shared", **points)
    run(again(boss), ShareRecord("person", shared.id, user_id=ann.user_id))
    data = {f: taken(ann, "people", columns="all", format=f) for f in ("csv", "xlsx", "jsonl", "vcard")}
    (row,) = lines(data["csv"])
    assert row["Full name"].startswith("Own") and "E-mails" not in row and "•" in row["Phones"]
    for text in (data["csv"], data["jsonl"], data["vcard"]):
        for mark in (b"Secret firm", b"Hers", b"Shared", b"x@y.example", b"7654321"):
            assert mark not in text
    assert {event.payload["rows"] for event in Event.objects.filter(type="list.exported")} == {1}
    assert browser(ann).get("/exports/new/people").content.decode().count("1 card goes") == 1


def test_without_the_right_there_is_no_door(boss: Actor) -> None:
    ann = colleague("Ann", "all")
    assert "/exports/new" not in browser(ann).get("/companies/").content.decode()
    assert browser(ann).get("/exports/new/companies").status_code == 403
    with pytest.raises(Refused):
        run(ann, StartExport("company", {}, "title", "all", "csv"))
    assert "/exports/new/companies" in browser(boss).get("/companies/").content.decode()


def large(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> Export:
    monkeypatch.setattr(commands, "AT_ONCE", 2)
    monkeypatch.setattr(making, "PAGE", 2)
    for n in range(5):
        company(boss, f"Firm {n}")
    client = browser(again(boss))
    done = client.post("/exports/new/companies", {"columns": "shown", "format": "csv"})
    export = Export.objects.get()
    assert done["Location"] == f"/exports/{export.pk}"
    assert b"<progress" in client.get(done["Location"]).content
    return export


def test_a_large_list_is_made_in_the_background_and_kept_a_day_for_its_maker(
    boss: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = large(boss, monkeypatch)
    while jobs.run_due():
        pass
    other = colleague("Ann", "all")
    url = f"/exports/{export.pk}/file"
    assert len(lines(content(browser(again(boss)).get(url)))) == 5
    assert browser(may(other, "all")).get(url).status_code == 404
    export.refresh_from_db()
    assert (export.rows, export.total, export.state) == (5, 5, "done")
    with clock.stopped(clock.now() + timedelta(days=1, minutes=1)):
        assert browser(again(boss)).get(url).status_code == 404
        jobs.enqueue("exchange.drop_exports")
        jobs.run_due()
        assert not making.path_of(export).exists()


def test_a_stopped_export_leaves_nothing(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    export = large(boss, monkeypatch)
    assert browser(again(boss)).post(f"/exports/{export.pk}/stop").status_code == 302
    jobs.run_due()
    assert not making.path_of(export).exists() and not Event.objects.filter(type="list.exported").exists()
    with pytest.raises(NotFound):
        commands.ready(again(boss), UUID(str(export.pk)))


def test_a_right_taken_away_meanwhile_closes_the_door(boss: Actor) -> None:
    ann = may(colleague("Ann", "all"), "all")
    company(boss, "Firm")
    taken(ann, "companies")
    export = Export.objects.get()
    may(ann, "none")
    assert browser(again(ann)).get(f"/exports/{export.pk}/file").status_code == 403


def test_the_whole_base_is_for_administrators_with_their_password(boss: Actor) -> None:
    run(system("installation"), SetPassword("correct horse battery", user_id=boss.user_id))
    ann = colleague("Ann", "all")
    assert browser(may(ann, "all")).get("/exports/base").status_code == 403
    client = browser(again(boss))
    assert "/exports/base" in client.get("/exports").content.decode()
    wrong = client.post("/exports/base", {"password": "wrong"})
    assert wrong.status_code == 422 and not Export.objects.exists()
    asked = client.post("/exports/base", {"password": "correct horse battery"})
    export = Export.objects.get()
    assert asked["Location"] == f"/exports/{export.pk}" and export.kind == "base"


def test_the_whole_base_is_made_in_the_background_and_told(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "held", lambda: nullcontext("default"))  # a test has one connection
    company(boss, "Beta")
    run(again(boss), StartBase())
    while jobs.run_due():
        pass
    export = Export.objects.get()
    assert (export.state, export.rows) == ("done", 1)
    with zipfile.ZipFile(io.BytesIO(content(browser(again(boss)).get(f"/exports/{export.pk}/file")))) as archive:
        assert b"Beta" in archive.read("cards/company.jsonl")
    assert Event.objects.get(type="base.exported").payload["cards"] == 1
    assert "exported the whole base" in browser(again(boss)).get("/settings/audit").content.decode()

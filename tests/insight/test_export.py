"""A report as a file: by the right to export, of what may be exported, and told."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.access.models import Role
from comity.access.snapshot import changed
from comity.timeline.models import Event
from support.browser import browser
from support.house import again, colleague
from support.selling import Shop, deal, open_shop

BY_PERSON = {"period": "this_year", "rows": "person"}


@pytest.fixture
def shop(db: None, stopped_clock: Any) -> Shop:
    return open_shop()


def may_export(actor: Actor, scope: str, view: str = "all") -> Client:
    name = actor.member.name
    Role.objects.filter(key=f"role-{name}").update(grants={"deal": {"view": view, "export": scope}})
    changed()
    return browser(again(actor))


def lines(response: Any) -> list[list[str]]:
    assert response.status_code == 200, response.content
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def test_the_file_holds_the_tables_with_the_choices_of_the_page(shop: Shop) -> None:
    client = browser(again(shop.boss))
    page = client.get("/reports/sales?period=this_year&rows=person").content.decode()
    assert '<form method="post" action="/reports/sales/export"' in page
    assert '<input type="hidden" name="rows" value="person">' in page
    response = client.post("/reports/sales/export", BY_PERSON)
    assert response["Content-Disposition"] == 'attachment; filename="sales-2026-01-01-2026-12-31.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert lines(response) == [
        ["Colleague", "Deals", "Amount, EUR", "Amount, USD", "Amount, all in EUR", "Share of the whole"],
        ["Tom", "1", "", "300.1", "240.08", "55"],
        ["Ann", "1", "200", "", "200", "45"],
        ["All", "2", "200", "300.1", "440.08", "100"],
    ]


def test_an_export_is_told_with_its_choices_and_rows_and_stands_in_the_audit(shop: Shop) -> None:
    client = browser(again(shop.boss))
    client.post("/reports/sales/export", BY_PERSON | {"who": str(shop.tom.user_id), "nonsense": "x"})
    event = Event.objects.get(type="report.exported")
    assert event.actor_id == shop.boss.user_id
    assert event.payload == {
        "report": "sales", "rows": 1,
        "filter": [["period", "this_year"], ["rows", "person"], ["who", str(shop.tom.user_id)]],
    }  # fmt: skip
    assert "exported the report “Sales” with 1 row" in client.get("/settings/audit").content.decode()


def test_without_the_right_there_is_no_file_and_nothing_is_told(shop: Shop) -> None:
    client = browser(again(shop.tom))
    assert "/export" not in client.get("/reports/sales").content.decode()
    assert client.post("/reports/sales/export").status_code == 403
    assert client.get("/reports/sales/export").status_code == 405
    assert not Event.objects.filter(type="report.exported").exists()


def test_the_file_holds_what_he_may_export_not_all_he_sees(shop: Shop) -> None:
    wide = colleague("Wide", "all")
    deal(shop.boss, "own", (("new", "02-01"), ("won", "03-02")), "5", owner=wide.user_id)
    client = may_export(wide, "own")
    assert "Ann" in client.get("/reports/sales?period=this_year&rows=person").content.decode()
    found = lines(client.post("/reports/sales/export", BY_PERSON))
    assert [row[:3] for row in found] == [["Colleague", "Deals", "Amount, EUR"], ["Wide", "1", "5"], ["All", "1", "5"]]


def test_every_report_makes_a_file(shop: Shop) -> None:
    client = browser(again(shop.boss))
    for key in ("funnel", "sales", "leads", "plan"):
        assert len(lines(client.post(f"/reports/{key}/export"))) > 1
    assert client.post("/reports/none/export").status_code == 404


def test_a_name_that_is_a_formula_does_nothing_in_a_spreadsheet(shop: Shop) -> None:
    from comity.parties.companies.model import Company

    Company.unguarded.filter(pk=shop.clients["Alpha"]).update(title='=HYPERLINK("http://x")')
    found = lines(browser(again(shop.boss)).post("/reports/sales/export", {"period": "this_year", "rows": "client"}))
    assert [row[0] for row in found if "HYPERLINK" in row[0]] == ['\'=HYPERLINK("http://x")']


def test_a_workbook_holds_the_same_with_figures_as_numbers(shop: Shop) -> None:
    client = browser(again(shop.boss))
    response = client.post("/reports/sales/export", BY_PERSON | {"format": "xlsx"})
    assert response["Content-Disposition"] == 'attachment; filename="sales-2026-01-01-2026-12-31.xlsx"'
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(max_row=2)] == [
        ["Colleague", "Deals", "Amount, EUR", "Amount, USD", "Amount, all in EUR", "Share of the whole"],
        ["Tom", 1, None, 300.1, 240.08, 55],
    ]

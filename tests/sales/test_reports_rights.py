"""Who sees which report, what a hidden card or field leaves of it, how often the base is asked."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from comity.access.models import Role
from comity.access.snapshot import changed
from support.browser import browser
from support.figures import asked, check_figures
from support.house import again, colleague
from support.selling import Shop, deal, lead


@pytest.mark.parametrize("address", [
    "funnel?period=this_year", "funnel?period=this_year&by=period", "sales?period=this_year",
    "sales?period=this_year&rows=client&columns=person", "leads?period=this_year", "plan", "plan?month=2026-02",
])  # fmt: skip
@pytest.mark.parametrize("who", ["tom", "ann"])
def test_a_hidden_card_changes_no_figure(inquiries: Shop, who: str, address: str) -> None:
    client = browser(again(getattr(inquiries, who)))
    before = client.get(f"/reports/{address}").content
    deal(inquiries.boss, "hidden won", (("new", "02-01"), ("meeting", "02-02"), ("won", "03-02")), "77777",
         company=inquiries.clients["Gamma"], source="phone")  # fmt: skip
    deal(inquiries.boss, "hidden lost", (("new", "02-01"), ("quote", "02-02"), ("lost", "02-09")), "88888")
    deal(inquiries.boss, "hidden open", (("new", "02-01"),), "99999", expected_on="2026-03-15")
    lead(inquiries.boss, "hidden lead", "02-07", "converted", "phone", due=60, took=1)
    assert client.get(f"/reports/{address}").content == before


def test_who_may_not_read_amounts_is_told_counts_only(shop: Shop) -> None:
    blind = colleague("Blind", "all", {"deal": {"amount": "mask"}})
    client = browser(again(blind))
    for address in ("funnel?period=this_year", "funnel?period=this_year&by=period", "sales?period=this_year",
                    "sales?period=this_year&rows=person&columns=source"):  # fmt: skip
        page = client.get(f"/reports/{address}")
        assert page.status_code == 200
        assert not re.search(r"[€$]|\b999\b|1,099", page.content.decode().partition("<main")[2])
        check_figures(blind, asked(blind, *address.split("?")))
    assert client.get("/reports/plan").status_code == 404
    assert "Plan and fact" not in client.get("/reports").content.decode()


def test_who_may_not_read_a_field_does_not_cut_by_it(shop: Shop) -> None:
    blind = colleague("Blind", "all", {"deal": {"company": "hide", "source": "hide", "owner": "hide"}})
    client = browser(again(blind))
    page = client.get("/reports/sales?period=this_year&rows=client&columns=source").content.decode()
    assert "Alpha" not in page and 'value="client"' not in page and 'value="source"' not in page
    assert "Ann" not in page.partition("<main")[2]
    sightless = colleague("Sightless", "all", {"deal": {"state": "hide"}, "lead": {"state": "hide"}})
    assert browser(again(sightless)).get("/reports").status_code == 404


def test_reports_are_for_who_sees_deals_or_leads(shop: Shop) -> None:
    nobody = colleague("Nobody", "none")
    client = browser(again(nobody))
    assert client.get("/reports").status_code == 404
    assert client.get("/reports/funnel").status_code == 404
    assert client.get("/reports/funnel/records?what=lost&stage=new").status_code == 404
    assert client.post("/reports/funnel/export").status_code == 404
    assert 'href="/reports"' not in client.get("/more").content.decode()
    Role.objects.filter(key="role-Nobody").update(grants={"lead": {"view": "all"}})
    changed()
    page = client.get("/reports").content.decode()
    assert "/reports/leads" in page and "/reports/funnel" not in page


@pytest.mark.parametrize("address", ["funnel", "sales?rows=client&columns=source", "leads", "plan"])
def test_the_base_is_asked_as_often_however_many_deals_there_are(inquiries: Shop, address: str) -> None:
    client = browser(again(inquiries.tom))

    def statements() -> int:
        client.get(f"/reports/{address}")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(f"/reports/{address}").status_code == 200
        return len(seen.captured_queries)

    before = statements()
    for n in range(12):
        deal(inquiries.boss, f"more {n}", (("new", "02-01"), ("won", "03-01")), "5", owner=inquiries.tom.user_id)
        lead(inquiries.boss, f"more {n}", "02-07", source="phone", owner=inquiries.tom.user_id)
    assert statements() == before <= 12

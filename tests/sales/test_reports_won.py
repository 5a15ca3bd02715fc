"""Sales by any two cuts against deals counted by hand."""

import pytest

from comity.access.snapshot import changed
from comity.identity.models import User
from support.browser import browser
from support.figures import FEBRUARY, asked, check_figures, column, rows_of, texts
from support.house import again
from support.selling import Shop, deal


def test_sales_by_month_in_the_readers_zone_at_the_rate_of_the_day(shop: Shop) -> None:
    answer = asked(shop.boss, "sales", "period=this_quarter")
    table = answer.blocks[0].table
    assert texts(table) == [
        ["January 2026", "0", "", "0\xa0%"],
        ["February 2026", "1", "€200.00", "45\xa0%"],
        ["March 2026", "1", "€240.08", "55\xa0%"],  # 300.10 at the 0.8 of 1 March, the day it is in Berlin
    ]
    assert table.foot is not None
    assert [cell.text for cell in table.foot] == ["All", "2", "€440.08", "100\xa0%"]
    User.objects.filter(pk=shop.boss.user_id).update(timezone="UTC")
    changed()
    elsewhere = asked(shop.boss, "sales", "period=this_quarter")
    assert column(elsewhere, "Amount") == ["", "€440.08", ""]  # his February, the same money
    assert check_figures(shop.boss, elsewhere)


def test_a_missing_rate_is_said_and_never_added_raw(shop: Shop) -> None:
    deal(shop.boss, "pounds", (("new", "02-01"), ("won", "02-02")), "10", "GBP")
    answer = asked(shop.boss, "sales", FEBRUARY)
    assert column(answer, "Amount") == ["€200.00 + £10.00 (no rate for GBP)"]
    assert "Amounts without a rate are not in the chart." in answer.notes
    early = deal(shop.boss, "before the first rate", (("new", "01-01"), ("won", "01-02")), "10", "USD")
    january = asked(shop.boss, "sales", "from=2026-01-01&to=2026-01-31")
    assert column(january, "Amount") == ["$10.00 (no rate for USD)"]
    assert [rows_of(browser(shop.boss), cell.url) for cell in january.blocks[0].table.rows[0] if cell.url] == [
        [early]
    ] * 2


PAIRS = [(rows, columns) for rows in ("month", "person", "client", "source")
         for columns in ("", "month", "person", "client", "source") if rows != columns]  # fmt: skip


@pytest.mark.parametrize(("rows", "columns"), PAIRS)
def test_any_pair_of_cuts_and_every_figure_of_it(shop: Shop, rows: str, columns: str) -> None:
    for n in range(3):
        deal(shop.boss, f"more {n}", (("new", "02-01"), ("won", f"03-0{n + 1}")), "1.0001", source="website",
             company=shop.clients["Gamma"], owner=shop.ann.user_id)  # fmt: skip
    for actor in (shop.boss, shop.tom, shop.ann):
        answer = asked(actor, "sales", f"period=this_year&rows={rows}&columns={columns}")
        assert check_figures(actor, answer) >= 2
        foot = answer.blocks[0].table.foot
        assert foot is not None
        whole = foot[-1].value if columns else foot[2].value
        assert whole.count == {shop.boss: 5, shop.tom: 1, shop.ann: 4}[actor]


def test_a_client_the_reader_cannot_see_is_none_to_him(shop: Shop) -> None:
    answer = asked(shop.tom, "sales", "period=this_year&rows=client")
    assert texts(answer.blocks[0].table) == [["None", "1", "€240.08", "100\xa0%"]]
    page = browser(again(shop.tom)).get("/reports/sales?period=this_year&rows=client").content.decode()
    assert "Gamma" not in page and str(shop.clients["Gamma"]) not in page
    assert check_figures(shop.tom, answer) == 4
    assert column(asked(shop.boss, "sales", "period=this_year&rows=client"), "Client") == ["Gamma", "Alpha"]


def test_keys_past_the_largest_are_gathered_and_open_their_deals(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.sales.reports import won

    monkeypatch.setattr(won, "ROWS", 1)
    monkeypatch.setattr(won, "COLUMNS", 1)
    deal(shop.boss, "third", (("new", "02-01"), ("won", "03-02")), "1", source="phone", company=shop.clients["Beta"])
    deal(shop.boss, "no client", (("new", "02-01"), ("won", "03-02")), "2")
    for rows, columns in (("client", ""), ("source", ""), ("person", "client"), ("client", "source")):
        answer = asked(shop.boss, "sales", f"period=this_year&rows={rows}&columns={columns}")
        names = [row[0].text for row in answer.blocks[0].table.rows]
        assert names[1] == "Others"
        assert check_figures(shop.boss, answer) >= 4

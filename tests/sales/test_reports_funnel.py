"""The funnel against deals counted by hand."""

import html
import re

import pytest

from support.browser import browser
from support.figures import FEBRUARY, asked, check_figures, column, rows_of, texts
from support.house import again
from support.selling import Shop, deal


def test_the_cohort_of_february_by_the_furthest_stage(shop: Shop) -> None:
    answer = asked(shop.boss, "funnel", FEBRUARY)
    assert column(answer, "Stage") == ["New", "Qualified", "Meeting", "Quote sent", "Agreement", "Won"]
    assert column(answer, "Came this far") == ["4", "4", "2", "2", "1", "1"]
    assert column(answer, "Of the stage before") == ["", "100\xa0%", "50\xa0%", "100\xa0%", "50\xa0%", "100\xa0%"]
    assert column(answer, "Lost there") == ["0", "2", "0", "1", "0", ""]
    assert column(answer, "Still open there") == ["0", "0", "0", "0", "0", ""]
    # 2, 2 and 2 (twice in it), 2 and 1 days
    assert column(answer, "Days there, median")[:3] == ["2", "2", "6"]
    assert column(answer, "Days there, on average")[:2] == ["2.3", "2.7"]
    title = answer.blocks[0].chart.title  # type: ignore[union-attr]
    assert title == "Most are lost at “Qualified”: 2 deals, €1,099.00"
    assert texts(answer.blocks[1].table) == [["From added to won", "1", "10", "10"]]


def test_what_happened_in_february(shop: Shop) -> None:
    answer = asked(shop.boss, "funnel", f"{FEBRUARY}&by=period")
    # "old" came to meeting, quote and agreement at once on 1 February; it was won on 1 March in Berlin
    assert column(answer, "Came this far") == ["4", "4", "3", "3", "2", "1"]
    assert column(answer, "Lost there") == ["0", "2", "0", "1", "0", ""]
    march = asked(shop.boss, "funnel", "from=2026-03-01&to=2026-03-31&by=period")
    assert column(march, "Came this far") == ["1", "0", "0", "0", "0", "1"]


def test_the_stage_of_the_dearest_loss_is_told_beside_that_of_the_most(shop: Shop) -> None:
    deal(shop.boss, "dear", (("new", "02-03"), ("agreement", "02-04"), ("lost", "02-09")), "5000")
    answer = asked(shop.boss, "funnel", FEBRUARY)
    lost = [row for row in answer.blocks[0].table.rows if any(cell.mark for cell in row)]
    assert [[cell.mark for cell in row if cell.mark] for row in lost] == [["most deals"], ["most money"]]
    assert answer.notes[0] == "Most money is lost at “Agreement”: €5,000.00 in 1 deal."


def test_money_of_the_funnel_is_by_todays_rate(shop: Shop) -> None:
    answer = asked(shop.boss, "funnel", FEBRUARY)
    assert column(answer, "Their amounts")[3] == "€1,000.00"  # 200 + 1000 USD at 0.8
    assert answer.blocks[0].table.rows[3][2].small == "€200.00 + $1,000.00"


def test_a_deal_created_anywhere_in_the_way_counts_from_the_first_stage_on(shop: Shop) -> None:
    deal(shop.boss, "late start", (("quote", "02-15"),))
    answer = asked(shop.boss, "funnel", FEBRUARY)
    assert column(answer, "Came this far") == ["5", "5", "3", "3", "1", "1"]
    assert column(answer, "Still open there") == ["0", "0", "0", "1", "0", ""]


def test_a_deal_won_reopened_and_lost_is_lost_at_the_last_stage(shop: Shop) -> None:
    deal(shop.boss, "unlucky", (("new", "02-03"), ("won", "02-04"), ("meeting", "02-05"), ("lost", "02-06")), "7")
    answer = asked(shop.boss, "funnel", FEBRUARY)
    assert column(answer, "Came this far") == ["5", "5", "3", "3", "2", "1"]
    assert column(answer, "Lost there")[4] == "1"
    assert check_figures(shop.boss, answer)


@pytest.mark.parametrize("who", ["boss", "tom", "ann"])
@pytest.mark.parametrize("query", [
    FEBRUARY, f"{FEBRUARY}&by=period", "period=this_year", "period=this_year&by=period", "period=this_month&by=period",
])  # fmt: skip
def test_every_figure_of_the_funnel_opens_its_deals(shop: Shop, who: str, query: str) -> None:
    deal(shop.boss, "late start", (("quote", "02-15"),), owner=shop.tom.user_id)
    deal(shop.ann, "own open", (("new", "02-16"), ("meeting", "02-20"), ("qualified", "02-24")), "12.34")
    answer = asked(getattr(shop, who), "funnel", query)
    assert check_figures(getattr(shop, who), answer) >= (0 if "this_month" in query else 2)


def test_team_and_colleague_narrow_the_funnel(shop: Shop) -> None:
    north = asked(shop.boss, "funnel", f"period=this_year&team={shop.north.id}")
    assert column(north, "Came this far")[0] == "2"  # the team below is in it
    assert check_figures(shop.boss, north)
    assert column(asked(shop.boss, "funnel", f"period=this_year&team={shop.far.id}"), "Came this far")[0] == "1"
    assert column(asked(shop.boss, "funnel", f"period=this_year&who={shop.ann.user_id}"), "Came this far")[0] == "2"
    assert column(asked(shop.boss, "funnel", "period=this_year&who=nobody"), "Came this far")[0] == "6"


def test_the_deals_behind_a_figure_come_in_pages(shop: Shop) -> None:
    for n in range(51):
        deal(shop.boss, f"lost {n:02}", (("new", "02-01"), ("lost", "02-02")), owner=shop.ann.user_id)
    for actor in (shop.boss, shop.ann):
        client = browser(again(actor))
        url = asked(actor, "funnel", FEBRUARY).blocks[0].table.rows[0][5].url
        first = client.get(url).content.decode()
        assert "51 cards" in first
        assert "Lost at “New”" in first
        following = html.unescape(re.findall(r'href="(\?[^"]+)" rel="next"', first)[0])
        address = url.partition("?")[0] + following
        assert len({*rows_of(client, url), *rows_of(client, address)}) == 51
        back = html.unescape(re.findall(r'href="(\?[^"]+)" rel="prev"', client.get(address).content.decode())[0])
        assert rows_of(client, url.partition("?")[0] + back) == rows_of(client, url)


@pytest.mark.parametrize(
    "query", ["", "what=lost", "what=lost&stage=none", "what=won&stage=new", "what=open&stage=new&by=period"]
)
def test_addresses_that_name_no_figure_lead_nowhere(shop: Shop, query: str) -> None:
    client = browser(again(shop.boss))
    assert client.get(f"/reports/funnel/records?{query}").status_code == 404
    assert client.get("/reports/sales/records?row=~&column=x").status_code == 404
    assert client.get("/reports/leads/records?row=nothing").status_code == 404
    assert client.get("/reports/plan/records").status_code == 404

"""Leads by source, and the plan of a month, against what was counted by hand."""

from datetime import date

import pytest

from comity.changes.bus import run
from comity.sales.pipelines.goals import COMPANY, SetGoals
from support.browser import browser
from support.figures import FEBRUARY, asked, column, rows_of, texts
from support.house import again
from support.selling import Shop, deal


def test_leads_by_source(inquiries: Shop) -> None:
    answer = asked(inquiries.boss, "leads", FEBRUARY)
    table = answer.blocks[1].table
    assert [one.label for one in table.columns][1:] == [
        "Inquiries", "Answered in time", "Qualified", "Became deals", "Refused", "Working minutes to the answer, median"
    ]  # fmt: skip
    assert texts(table) == [
        ["Website", "2", "1", "1", "1", "1", "60"],  # C came in March, as Berlin counts
        ["Trade fair", "1", "1", "1", "0", "0", "60"],
        ["None", "1", "0", "0", "0", "0", ""],
    ]
    assert [cell.text for cell in table.foot or []] == ["All", "4", "2", "2", "1", "1", "60"]
    assert answer.blocks[0].chart.title == "4 inquiries; most from “Website”: 2"  # type: ignore[union-attr]


@pytest.mark.parametrize("who", ["boss", "ann"])
@pytest.mark.parametrize("rows", ["source", "month", "owner"])
def test_every_figure_of_the_leads_opens_its_leads(inquiries: Shop, who: str, rows: str) -> None:
    actor = getattr(inquiries, who)
    answer = asked(actor, "leads", f"period=this_year&rows={rows}")
    client = browser(again(actor))
    for block in answer.blocks:
        for row in [*block.table.rows, *([block.table.foot] if block.table.foot else [])]:
            for cell, head in zip(row, block.table.columns, strict=True):
                if cell.url and "minutes" not in head.label:
                    assert len(rows_of(client, cell.url)) == cell.value
    minutes = answer.blocks[1].table.foot[-1]  # type: ignore[index]
    assert len(rows_of(client, minutes.url)) == {"boss": 3, "ann": 2}[who]


def test_goals_against_what_was_won_and_is_likely(shop: Shop) -> None:
    goals = {COMPANY: 10_000_000, ("team", shop.north.id): 2_400_800, ("user", shop.ann.user_id): 50_000}
    run(again(shop.boss), SetGoals(date(2026, 3, 1), goals))
    deal(shop.boss, "near", (("new", "03-01"), ("quote", "03-02")), "0.3333", owner=shop.ann.user_id,
         expected_on="2026-03-31")  # fmt: skip
    answer = asked(shop.boss, "plan")
    assert texts(answer.blocks[0].table)[:4] == [
        # goal, won, of the goal, missing, open, likely
        ["House", "€1,000.00", "€240.08", "24\xa0%", "€759.92", "€50.3333", "€5.20"],
        ["North", "€240.08", "€240.08", "100\xa0%", "€0.00", "", ""],
        ["Far North", "", "€240.08", "", "", "", ""],
        ["Ann", "€5.00", "", "0\xa0%", "€5.00", "€0.3333", "€0.20"],
    ]
    assert answer.blocks[0].chart.title == (  # type: ignore[union-attr]
        "March 2026: 24\xa0% of the goal is won, €240.08 of €1,000.00 (House)"
    )
    assert column(asked(shop.boss, "plan", "month=2026-02"), "Won") == ["€200.00", "€200.00"]


def test_each_sees_the_plan_as_far_as_his_deals_go(shop: Shop) -> None:
    goals = {COMPANY: 10_000_000, ("team", shop.north.id): 2_400_800, ("user", shop.ann.user_id): 50_000}
    run(again(shop.boss), SetGoals(date(2026, 3, 1), goals))
    assert texts(asked(shop.ann, "plan").blocks[0].table) == [["Ann", "€5.00", "", "0\xa0%", "€5.00", "", ""]]
    assert column(asked(shop.tom, "plan"), "") == ["North", "Far North", "Tom"]
    assert "Counted are the deals you see." in asked(shop.tom, "plan").notes


@pytest.mark.parametrize("who", ["boss", "tom", "ann"])
def test_every_figure_of_the_plan_opens_its_deals(shop: Shop, who: str) -> None:
    actor = getattr(shop, who)
    client = browser(again(actor))
    for month, least in (("2026-02", 0), ("2026-03", 0)):
        answer = asked(actor, "plan", f"month={month}")
        for row in answer.blocks[0].table.rows:
            for cell in (row[2], row[5], row[6]):
                assert bool(cell.url) == (cell.value.count > 0 and bool(cell.value.sums))
                if cell.url:
                    assert len(rows_of(client, cell.url)) == cell.value.count > least

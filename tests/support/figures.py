"""Reports as tests read them: what they say, and whether each figure opens exactly its records."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.test import Client
from django.utils import translation

from comity.access.actors import Actor
from comity.insight import reports
from comity.insight.money import Tally
from comity.insight.reports import Answer, Ask
from comity.insight.tables import Cell, Table
from comity.sales.deals.model import Deal
from support.browser import browser
from support.house import again

FEBRUARY = "from=2026-02-01&to=2026-02-28"


def asked(actor: Actor, key: str, query: str = "") -> Answer:
    """What a report says to somebody."""
    actor = again(actor)
    report = reports.get(key)
    assert report is not None
    with translation.override("en"):
        return report.build(Ask(actor, report, QueryDict(query)))


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def column(answer: Answer, label: str, block: int = 0) -> list[str]:
    table = answer.blocks[block].table
    place = [one.label for one in table.columns].index(label)
    return [row[place].text for row in table.rows]


def rows_of(client: Client, url: str) -> list[UUID]:
    """The keys of the records an address lists."""
    response = client.get(url)
    assert response.status_code == 200, url
    return [UUID(key) for key in re.findall(r'<tr data-id="([^"]+)"', response.content.decode())]


def figures(answer: Answer) -> Iterator[Cell]:
    for block in answer.blocks:
        for row in [*block.table.rows, *([block.table.foot] if block.table.foot else [])]:
            yield from (cell for cell in row if cell.url)


def check_figures(actor: Actor, answer: Answer, model: Any = Deal) -> int:
    """Each figure's address lists as many records as it says, of the same amounts; how many figures there were."""
    client, number = browser(again(actor)), 0
    for cell in figures(answer):
        keys = rows_of(client, cell.url)
        number += 1
        if not isinstance(cell.value, Tally):
            assert len(keys) == cell.value, cell
            continue
        assert len(keys) == cell.value.count, cell
        sums: dict[str, int] = {}
        for units, currency in model.unguarded.filter(pk__in=keys).values_list("amount", "amount_currency"):
            if units is not None:
                sums[currency] = sums.get(currency, 0) + units
        assert sums == cell.value.sums, cell
    return number

"""Filters "from … to": in addresses, in words, in the editor."""

import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from comity.access.actors import Actor
from support.browser import browser
from support.house import company


@pytest.fixture
def client(boss: Actor) -> Client:
    firms = [("Early", "2025-12-31", "10"), ("First", "2026-01-01", "20"), ("Last", "2026-01-31", "30.0001")]
    for name, since, turnover in [*firms, ("Late", "2026-02-01", "40"), ("Never", "", "")]:
        money = {"amount": turnover, "currency": "RUB"} if turnover else None
        company(boss, name, client_since=since, turnover=money)
    return browser(boss)


def names(client: Client, *rows: tuple[str, str, list[str]]) -> list[str]:
    """The names a filter lists."""
    query = [("match", "all")]
    for n, (field, op, values) in enumerate(rows):
        query += [(f"f-{n}", field), (f"op-{n}", op), *((f"v-{n}", value) for value in values)]
    page = client.get(f"/companies/?{urlencode(query)}").content.decode()
    return re.findall(r'<a href="/companies/[0-9a-f-]{36}" dir="auto">([^<]+)</a>', page)


def test_both_ends_are_within(client: Client) -> None:
    assert names(client, ("client_since", "between", ["2026-01-01", "2026-01-31"])) == ["First", "Last"]
    assert names(client, ("turnover", "between", ["20", "30.0001"])) == ["First", "Last"]
    assert names(client, ("turnover", "between", ["20", "30"])) == ["First"]
    assert names(client, ("client_since", "between", ["2026-01-31", "2026-01-01"])) == []


@pytest.mark.parametrize("values", [[], ["2026-01-01"], ["", "2026-01-31"], ["2026-01-01", "2026-01-02", "2026-01-03"]])
def test_an_unfinished_row_is_left_out(client: Client, values: list[str]) -> None:
    assert len(names(client, ("client_since", "between", values))) == 5


def test_the_chip_says_it_in_words_and_the_editor_shows_both_ends(client: Client) -> None:
    query = "match=all&f-0=client_since&op-0=between&v-0=2026-01-01&v-0=2026-01-31"
    page = client.get(f"/companies/?{query}").content.decode()
    chip = re.search(r'<span class="chip on">.*?<b dir="auto">([^<]+)</b>', page)
    assert chip and re.search(r"\b1\b.*2026.*\b31\b.*2026", chip[1])
    editor = client.get(f"/companies/filter?{query}").content.decode()
    assert re.findall(r'type="date" name="v-0" value="([^"]*)"', editor) == ["2026-01-01", "2026-01-31"]
    empty = client.get("/companies/filter?f-0=turnover&op-0=between").content.decode()
    assert re.findall(r'name="v-0" value="([^"]*)"', empty) == ["", ""]

"""Lists ordered by the firm's own fields: every kind, with ties and empty ones, page by page, for all and for few."""

import base64
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.commands import Create
from comity.changes.settings import DeleteSetting, SaveSetting
from comity.kernel.errors import Invalid
from comity.records import json_access
from comity.records.models import CustomField, SavedView
from support.browser import browser
from support.formulas import field, formula, settle
from support.house import again, colleague, company
from support.programs import Program, program

pytestmark = pytest.mark.django_db

COLOURS = [{"key": key, "label": {"en": key}, "hue": 0} for key in ("amber", "blue", "coral")]
MORE: dict[str, dict[str, Any]] = {
    "choice": {"choices": COLOURS},
    "number": {"unit": "hours"},
    "integer": {"unit": "pieces"},
}
# What stands on cards, from the first to the last; several in one group are alike and stand by age. None: nothing.
VALUES: dict[str, list[list[Any]]] = {
    "text": [["apple", "APPLE"], ["Birch"], ["ёлка", "Ёлка"]],
    "url": [["https://a.example"], ["https://b.example", "https://b.example"]],
    "integer": [["-3"], ["7", "7"], ["20"]],
    "number": [["-1.5"], ["2.25"], ["10", "10"]],
    "percent": [["5"], ["12.5", "12.5"]],
    "money": [[["9", "EUR"]], [["10", "EUR"], ["10", "USD"]], [["1000000000", "EUR"]]],
    "date": [["1999-12-31"], ["2026-01-02", "2026-01-02"], ["2026-01-10"]],
    "datetime": [["2026-03-10T09:00"], ["2026-03-10T10:00", "2026-03-10T10:00"]],
    "bool": [[False, None, False, None], [True, True]],
    "choice": [["amber"], ["blue", "blue"], ["coral"]],
    "country": [["BG", "BG"], ["DE"]],
}


def given(kind: str, value: Any) -> dict[str, Any]:
    """The values of a new card; no key where it has nothing."""
    return {} if value is None else {"own_x": value}


def house(boss: Actor, kind: str, slug: str) -> list[list[str]]:
    """Cards with the values of a kind, and two without; their keys in groups, from the first to the last."""
    groups = VALUES[kind] if kind == "bool" else [*VALUES[kind], [None, None]]
    # Made crosswise, so that the order by age is none of the expected ones.
    places = [(n, place) for place in range(4) for n in reversed(range(len(groups))) if place < len(groups[n])]
    made: dict[tuple[int, int], str] = {}
    for n, place in places:
        values = {"name": f"Card {n}{place}", **given(kind, groups[n][place])}
        made[n, place] = str(
            run(again(boss), Create("company" if slug == "companies" else "own_flat", values)).record.id
        )
    return [[made[n, place] for place in range(len(group))] for n, group in enumerate(groups)]


def flats(boss: Actor) -> None:
    """A kind of card of the firm's own: its table is shared with others."""
    run(boss, SaveSetting("type", {
        "key": "own_flat", "slug": "flats", "label": {"en": "Flat"}, "plural": {"en": "Flats"}, "icon": "home",
        "menu": "clients",
    }))  # fmt: skip


def expected(groups: list[list[str]], kind: str, falling: bool) -> list[str]:
    """All keys in order: those alike by their keys, those without a value last either way."""
    filled, empty = (groups, []) if kind == "bool" else (groups[:-1], groups[-1])
    ordered = [*(reversed(filled) if falling else filled), empty]
    return [key for group in ordered for key in sorted(group, reverse=falling)]


def walk(api: Program, path: str) -> tuple[list[str], list[str]]:
    """The keys of all pages there, and back from the last one."""
    pages = [api.get(path)]
    while pages[-1]["next"]:
        pages.append(api.get(f"{path}&at={quote(pages[-1]['next'])}"))
    back = [pages[-1]]
    while back[-1]["previous"]:
        back.append(api.get(f"{path}&at={quote(back[-1]['previous'])}"))
    assert len(pages) > 2 and [one["items"] for one in reversed(back)] == [one["items"] for one in pages]
    there = [card["id"] for page in pages for card in page["items"]]
    return there, [card["id"] for page in reversed(back) for card in page["items"]]


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize("slug", ["companies", "flats"])
def test_cards_stand_in_order_page_by_page_and_back(boss: Actor, kind: str, slug: str) -> None:
    flats(boss)
    type_key = "company" if slug == "companies" else "own_flat"
    field(boss, type_key, "x", kind, indexed=True, **MORE.get(kind, {}))
    groups = house(boss, kind, slug)
    api, client = program(boss), browser(boss)
    for falling in (False, True):
        order = "-own_x" if falling else "own_x"
        wanted = expected(groups, kind, falling)
        assert walk(api, f"/{slug}?sort={order}&size=2") == (wanted, wanted), order
        page = texts(client, f"/{slug}/?sort={order}")
        assert re.findall(r'<tr data-id="([^"]+)"', page) == wanted


def test_who_sees_only_some_gets_those_in_the_same_order(boss: Actor) -> None:
    field(boss, "company", "x", "integer", indexed=True, unit="pieces")
    ann = colleague("Ann", "own")
    for n in (3, 1, 2):
        company(boss, f"Others {n}", own_x=n)
    mine = {n: str(company(ann, f"Hers {n}", own_x=n).id) for n in (30, 10, 20)}
    mine[0] = str(company(ann, "Hers, empty").id)
    api = program(ann)
    assert walk(api, "/companies?sort=own_x&size=1")[0] == [mine[n] for n in (10, 20, 30, 0)]
    assert walk(api, "/companies?sort=-own_x&size=1")[0] == [mine[n] for n in (30, 20, 10, 0)]


def test_formulas_that_have_an_index_sort_too(boss: Actor) -> None:
    field(boss, "company", "price", "money")
    formula(boss, "company", "double", "own_price * 2", indexed=True)
    keys = {n: str(company(boss, f"Firm {n}", own_price=[n, "EUR"]).id) for n in ("7", "30", "5")}
    keys["0"] = str(company(boss, "Without").id)
    settle()
    api = program(boss)
    assert walk(api, "/companies?sort=-own_double&size=1")[0] == [keys[n] for n in ("30", "7", "5", "0")]
    assert api.get("/companies?sort=own_price", 422)["fields"]["sort"], "its field has no index"


def shown(page: str) -> list[str]:
    return re.findall(r'<tr data-id.*?<a href="[^"]*" dir="auto">([^<]*)', page, re.S)


def texts(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_menu_heads_views_layouts_and_programs_offer_it_alike_and_only_with_an_index(boss: Actor) -> None:
    field(boss, "company", "x", "text", indexed=True)
    field(boss, "company", "y", "text")
    run(again(boss), SaveSetting("view", {"type_key": "company", "name": "All", "columns": ["own_x", "own_y"]}))
    view = SavedView.objects.get()
    company(boss, "Firm")
    client = browser(boss)
    for offered in (texts(client, f"/companies/?view={view.pk}"), texts(client, f"/companies/sort?view={view.pk}")):
        assert "sort=own_x" in offered and "sort=own_y" not in offered
    layout = texts(client, "/settings/layouts/company--list").split('name="sort"')[1].split("</select>")[0]
    assert 'value="own_x"' in layout and 'value="own_y"' not in layout
    told = {one["key"]: one["sortable"] for one in program(boss).get("/types/companies")["fields"]}
    assert told["own_x"] and not told["own_y"] and not told["owner"]
    with pytest.raises(Invalid) as refused:
        run(again(boss), SaveSetting("view", {"type_key": "company", "name": "Bad", "sort": "own_y"}))
    assert list(refused.value.fields) == ["sort"]


def test_a_saved_view_and_a_layout_order_by_it_until_it_has_no_index(boss: Actor) -> None:
    result = field(boss, "company", "x", "integer", indexed=True, unit="pieces")
    for n in range(60):
        company(boss, f"Firm {n:02}", own_x=(n * 7) % 60)
    client, api = browser(boss), program(boss)
    wanted = [f"Firm {n:02}" for n in sorted(range(60), key=lambda n: -((n * 7) % 60))]
    posted = {"name": "By x", "query": "sort=-own_x", "idempotency": "1"}
    kept = client.post("/companies/views/new", posted)
    assert kept.status_code == 302
    view = kept["Location"]
    page = texts(client, view)
    assert shown(page) == wanted[:50]
    [further] = {url.replace("&amp;", "&") for url in re.findall(r'href="(/companies/\?[^"]*at=[^"]*)"', page)}
    assert shown(texts(client, further)) == wanted[50:]
    asked = api.get("/companies?sort=-own_x&size=50")
    what = {"columns": ["own_x"], "sort": "own_x"}
    run(again(boss), SaveSetting("layout", {"type_key": "company", "part": "list", "what": what}))
    page = texts(client, "/companies/")
    assert shown(page) == wanted[::-1][:50] and 'aria-sort="ascending"' in page
    assert shown(texts(client, "/companies/?sort=title")) == [f"Firm {n:02}" for n in range(50)]

    row = CustomField.objects.get()
    assert result.record.id == row.pk
    run(again(boss), SaveSetting("field", {"indexed": False}, row.pk))
    calm = [f"Firm {n:02}" for n in range(60)]
    for url in (view, further, "/companies/", "/companies/?sort=own_x"):
        page = texts(client, url)
        assert shown(page) == calm[:50], url
        assert "sort=own_x" not in page.replace(url, ""), url
    assert "own_x" not in texts(client, "/companies/sort")
    for path in ("/companies?sort=own_x", f"/companies?sort=-own_x&size=50&at={quote(asked['next'])}"):
        assert list(api.get(path, 422)["fields"]) == ["sort"]
    run(again(boss), SaveSetting("view", {"name": "Still here"}, SavedView.objects.get().pk))
    connection.check_constraints()  # one transaction is the whole test: PostgreSQL makes no index while any wait
    run(again(boss), SaveSetting("field", {"indexed": True}, row.pk))
    assert shown(texts(client, view)) == wanted[:50], "with the index its order is back"
    run(again(boss), DeleteSetting("field", row.pk))
    assert shown(texts(client, view)) == calm[:50]


@pytest.mark.parametrize("order", ["title", "own_x", "own_d", "own_b", "created_at", "website"])
def test_a_place_of_another_order_leads_to_the_first_page(boss: Actor, order: str) -> None:
    field(boss, "company", "x", "integer", indexed=True, unit="pieces")
    field(boss, "company", "d", "date", indexed=True)
    field(boss, "company", "b", "bool", indexed=True)
    ref = company(boss, "Firm", own_x=1, own_d="2026-01-02", own_b=True)
    values = ["j" + code(raw) for raw in (b'"abc"', b"7", b"null", b"1e3", b"99999999999999999999", b'"\\u0000"',
                                          b'"\\ud800"', b"true", b"[1]")]  # fmt: skip
    values += ["b" + code(b"\x01"), "t" + code(b"2026-01-02T10:00:00"), "d" + code(b"2026-01-02")]
    client = browser(boss)
    for value in values:
        for backwards in (0, 1):
            answer = client.get(f"/companies/?sort={order}&at={value}.{ref.id}.{backwards}.50")
            assert answer.status_code == 200, (order, value)


def code(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


INDEXED = [kind for kind in VALUES if kind != "bool"]  # no answer is "no" there, which its index does not know


@pytest.mark.parametrize("kind", INDEXED)
def test_the_index_gives_the_order_and_the_place(boss: Actor, kind: str) -> None:
    field(boss, "company", "x", kind, indexed=True, **MORE.get(kind, {}))
    house(boss, kind, "companies")
    client = browser(boss)
    model = boss.state.record_types["company"].model
    name = json_access._index_name(model._meta.db_table, "own_x", "")
    with CaptureQueriesContext(connection) as seen:
        texts(client, "/companies/?sort=own_x")
    [rows] = [one["sql"] for one in seen.captured_queries if "order_value" in one["sql"]]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table is worth an index only when made to
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
        explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{explain} {rows}".replace("%", "%%"))
        plan = "\n".join(str(row) for row in cursor.fetchall())
    assert name in plan, plan


def test_an_order_of_an_own_field_costs_no_query_more(boss: Actor) -> None:
    field(boss, "company", "x", "text", indexed=True)
    for n in range(3):
        company(boss, f"Firm {n}", own_x=str(n))
    client = browser(boss)

    def number(url: str) -> int:
        texts(client, url)
        with CaptureQueriesContext(connection) as seen:
            texts(client, url)
        return len(seen.captured_queries)

    assert number("/companies/?sort=own_x") == number("/companies/?sort=legal_name") == number("/companies/")

"""No list is ordered by a field of the firm's own that its reader may not read: the order would tell the values."""

import re

import pytest
from django.test import Client

from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.settings import SaveSetting
from comity.records.models import SavedView
from support.browser import browser
from support.formulas import field, formula, settle
from support.house import again, colleague, company

pytestmark = pytest.mark.django_db
SALARIES = {"Amber": 30, "Birch": 10, "Cedar": 20}
BY_TITLE, BY_SALARY = ["Amber", "Birch", "Cedar"], ["Birch", "Cedar", "Amber"]
KEYS = ("own_pay", "own_twice")


def names(client: Client, url: str) -> list[str]:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return re.findall(r'<tr data-id.*?<a href="[^"]*" dir="auto">([^<]*)', answer.content.decode(), re.S)


@pytest.mark.parametrize("level", ["hide", "mask"])
def test_a_field_one_may_not_read_orders_nothing(boss: Actor, level: str) -> None:
    field(boss, "company", "pay", "integer", unit="pieces", indexed=True)
    formula(boss, "company", "twice", "own_pay * 2", indexed=True)
    for name, pay in SALARIES.items():
        company(boss, name, own_pay=pay)
    settle()
    blind = browser(colleague("Blind", "all", {"company": {"own_pay": level}}))
    for key in KEYS:
        run(again(boss), SaveSetting("view", {"type_key": "company", "name": key, "sort": key, "shared": True}))
    views = [f"/companies/?view={one.pk}" for one in SavedView.objects.all()]
    urls = [*views, *(f"/companies/?sort={key}" for key in KEYS)]
    for url in urls:
        assert names(browser(again(boss)), url) == BY_SALARY
        assert names(blind, url) == BY_TITLE, url
        assert not [key for key in KEYS if f"sort={key}" in blind.get(url).content.decode().replace(url, "")], url
    menu = blind.get("/companies/sort").content.decode()
    assert not [key for key in KEYS if key in menu]
    for order in ("own_pay", "-own_pay", "own_twice"):
        told, unknown = (blind.get(f"/api/v1/companies?sort={one}").json() for one in (order, "own_nothing"))
        assert (told["status"], told["fields"]) == (422, unknown["fields"])
    described = {one["key"]: one for one in blind.get("/api/v1/types/companies").json()["fields"]}
    assert not [key for key in KEYS if key in described and described[key]["sortable"]]
    paths = blind.get("/api/v1/openapi.json").json()["paths"]
    asked = {one.get("name"): one for one in paths["/api/v1/companies"]["get"]["parameters"]}
    assert "-title" in asked["sort"]["schema"]["enum"] and not set(KEYS) & set(asked["sort"]["schema"]["enum"])
    what = {"columns": ["own_pay"], "sort": "own_pay"}
    run(again(boss), SaveSetting("layout", {"type_key": "company", "part": "list", "what": what}))
    assert names(browser(again(boss)), "/companies/") == BY_SALARY
    assert names(blind, "/companies/") == BY_TITLE

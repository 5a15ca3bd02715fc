"""Modules: what is switched off is out of sight at every door; data stays and comes back with the switch."""

from typing import Any

import pytest
from django.test import Client

from comity.access.actors import Actor, user_actor
from comity.access.snapshot import snapshot
from comity.api.webhooks import catalogue
from comity.changes import dispatcher
from comity.changes.bus import run
from comity.changes.commands import Create, create
from comity.changes.settings import SaveSetting
from comity.kernel import jobs
from comity.kernel.errors import Invalid, Refused
from comity.kernel.models import Job
from comity.records import modules
from comity.records.models import RecordRef
from support.house import again, company

pytestmark = pytest.mark.django_db
# What goes with each module, for an administrator: pages, and what stands in the menu.
PAGES = {
    "tasks": ("/today", "/calendar", "/tasks/", "/deals/", "/leads/", "/settings/pipelines"),
    "deals": ("/deals/", "/deals/board", "/settings/pipelines", "/settings/goals", "/api/v1/deals"),
    "leads": ("/leads/", "/leads/new"),
    "own": ("/vehicles/", "/settings/types"),
    "reports": ("/reports",),
    "duplicates": ("/duplicates", "/settings/duplicates"),
    "import": ("/import",),
    "export": ("/exports/new/people",),
    "handover": ("/handover", "/settings/handover"),
    "api": ("/settings/webhooks", "/settings/tokens", "/settings/programs", "/api/docs", "/api/v1/people"),
}
NAMES = {"label": {"en": "Vehicle"}, "plural": {"en": "Vehicles"}}
ALWAYS = ("/people/", "/people/new", "/companies/", "/settings/company", "/settings/roles", "/settings/fields",
          "/settings/exports", "/support", "/exports", "/exports/base",
          "/settings/modules", "/settings/notices", "/settings/lists", "/trash", "/notices", "/more",
          "/palette?q=mer", "/search?q=meridian")  # fmt: skip


@pytest.fixture
def boss(users: dict[str, Any]) -> Actor:
    return user_actor(users["root"])


def switch(boss: Actor, *off: str) -> None:
    run(again(boss), SaveSetting("organization", {"modules_off": list(off)}, 1))


@pytest.fixture
def cards(boss: Actor) -> dict[str, RecordRef]:
    run(boss, SaveSetting("type", {"key": "own_vehicle", "slug": "vehicles", **NAMES}))
    firm = company(boss, "Meridian")
    own = next(key for key, one in snapshot().record_types.items() if one.own)
    made = {"company": firm}
    given: dict[str, dict[str, Any]] = {
        "deal": {"name": "Big sale", "company": str(firm.id)},
        "lead": {"contact_name": "Call me", "phones": ["+493012345678"]},
        "task": {"name": "Ring them", "about": str(firm), "due_at": "2030-01-01T10:00"},
        own: {"name": "Lorry"},
    }
    for key, values in given.items():
        made[key] = run(again(boss), create(key, values)).record
    return made


def body(page: Client, url: str) -> str:
    return str(page.get(url).content.decode())


@pytest.mark.parametrize("key", list(PAGES))
def test_what_is_off_is_gone_and_comes_back(boss: Actor, root: Client, cards: dict[str, RecordRef], key: str) -> None:
    card = f"/companies/{cards['company'].id}"
    before = {url: root.get(url, follow=True).status_code for url in (*PAGES[key], *ALWAYS, card)}
    menu = body(root, "/more")
    switch(boss, key)
    for url in PAGES[key]:
        assert root.get(url).status_code == 404, url
        assert f'href="{url}"' not in body(root, "/more")
    for url in (*ALWAYS, card, "/"):
        assert root.get(url, follow=True).status_code == 200, url
    dispatcher.drain()
    switch(boss)
    after = {url: root.get(url, follow=True).status_code for url in (*PAGES[key], *ALWAYS, card)}
    assert after == before
    assert body(root, "/more").count("<a ") == menu.count("<a ")


def test_the_story_of_settings_names_what_was_switched_off(boss: Actor, root: Client) -> None:
    switch(boss, "leads", "reports")
    told = root.get("/settings/audit").content.decode()
    assert "Switched off:" in told and "Leads, Reports" in told


def test_without_exports_only_the_doors_of_administrators_stay(boss: Actor, root: Client) -> None:
    report = "/reports/plan"
    assert "/exports/new/people" in body(root, "/people/") and f"{report}/export" in body(root, report)
    switch(boss, "export")
    assert "/exports/new/people" not in body(root, "/people/") and f"{report}/export" not in body(root, report)
    settings = body(root, "/settings/exports")
    assert "/exports/base" in settings and "/support" in settings
    assert "/settings/exports" in body(root, "/settings")
    assert root.get("/support?save=1").json()["versions"]


def test_every_module_is_tried_here() -> None:
    assert {one.key for one in modules.every()} == set(PAGES)


def test_cards_of_what_is_off_leave_no_trace_and_stay(
    boss: Actor, root: Client, users: dict[str, Any], cards: dict[str, RecordRef]
) -> None:
    """An administrator, who sees all, sees none of them; the house still does."""
    firm = f"/companies/{cards['company'].id}"
    dispatcher.drain()
    assert "Big sale" in body(root, firm)
    assert "Big sale" in body(root, "/palette?q=big+sale")
    switch(boss, "tasks", "own")
    dispatcher.drain()
    for url in (firm, "/palette?q=big+sale", "/palette?q=ring", "/palette?q=lorry", "/trash", "/people/new", "/more"):
        page = body(root, url)
        assert not [
            word for word in ("Big sale", "Call me", "Ring them", "Lorry", "/deals", "/tasks") if word in page
        ], url
    with pytest.raises(Refused):
        run(again(boss), Create("deal", {"name": "Another"}))
    assert root.get(f"/deals/{cards['deal'].id}").status_code == 404
    keys = {key for _about, _label, events in catalogue.groups(again(boss)) for key, _name in events}
    assert not [key for key in keys if key.startswith(("deal.", "task.", "lead."))]
    switch(boss)
    assert "Big sale" in body(root, firm)


def test_all_off_is_a_book_of_addresses_that_works(boss: Actor, root: Client, cards: dict[str, RecordRef]) -> None:
    switch(boss, *PAGES)
    firm = f"/companies/{cards['company'].id}"
    for url in (*ALWAYS, "/", firm, f"{firm}/edit", "/companies/filter", "/companies/columns"):
        assert root.get(url, follow=True).status_code == 200, url
    assert "Next step" not in body(root, "/companies/")
    for name in sorted(jobs._cadences):
        jobs.enqueue(name)
    jobs.run_due(limit=200)
    assert not list(Job.objects.exclude(error="").values_list("name", "error"))


def test_the_page_switches_and_wants_what_is_needed(boss: Actor, root: Client, mira: Client) -> None:
    assert mira.get("/settings/modules").status_code == 404
    ticks = {one.key: "1" for one in modules.every()}
    root.post("/settings/modules/do/save", ticks | {"tasks": ""})
    off = snapshot().off
    assert (off.wished, off.keys) == ({"tasks"}, {"tasks", "deals", "leads"})
    assert "Needs: Tasks and calendar." in body(root, "/settings/modules")
    root.post("/settings/modules/do/save", dict.fromkeys(ticks, "") | {"deals": "1"})
    assert not snapshot().off.keys & {"deals", "tasks"}
    assert "leads" in snapshot().off.keys
    with pytest.raises(Invalid):
        run(again(boss), SaveSetting("organization", {"modules_off": ["nonsense"]}, 1))


def test_the_longest_package_decides() -> None:
    assert modules.module_of("comity.sales.reports.inquiries") == "leads"
    assert modules.module_of("comity.sales.reports.won") == "deals"
    assert modules.module_of("comity.sales.reports_else") == ""

"""A hidden card changes no figure that a person without rights sees: pages are the same before and after it is made."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db.models import Q
from django.test import Client

from comity.access import policy, snapshot
from comity.access.actors import Actor
from comity.records import conditions
from leaks.sales_surfaces import boards, calendar, reports
from leaks.tries import Try, ask
from leaks.world import KEYS, World, build, hide, type_of
from support.browser import browser

Pages = dict[str, str]


def figures(world: World) -> Iterator[Try]:
    """Every page that counts, sums or lists, as the snooper opens it."""
    for key in KEYS:
        record_type = type_of(key)
        slug = record_type.slug
        for query in ("", "?view=mine", "?view=open", "?view=all", "?match=all&f-0=owner&op-0=filled"):
            yield Try("list", f"/{slug}/{query}")
        yield Try("sums", f"/{slug}/totals?view=all")
        yield Try("JSON list", f"/api/v1/{slug}?size=200")
        for spec in record_type.links:
            for op in ("filled", "empty"):
                yield Try("list", f"/{slug}/?match=all&f-0={spec.key}&op-0={op}")
        yield Try("options", f"/lookup/{key}", fragment=True)
        yield Try("trash", f"/trash?type={key}")
    yield from boards()
    yield from reports()
    yield from calendar()
    for query in ("", "?scope=team"):
        yield Try("today", f"/today{query}")
    for page in ("/notices", "/search?q=plain", "/more", "/trash"):
        yield Try("page", page)
    yield Try("bell", "/notices?count=1", fragment=True)
    yield Try("palette", "/palette?q=plain", fragment=True)


def cards(world: World) -> Iterator[Try]:
    """The cards of his, with their stories."""
    refs = [*world.visible.items(), *((ref.type, ref.id) for ref in world.mine)]
    for key, one in refs:
        slug = type_of(key).slug
        for path in ("", "/edit", "/story", "/files"):
            yield Try("own card", f"/{slug}/{one}{path}")
        yield Try("JSON own", f"/api/v1/{slug}/{one}")
        yield Try("JSON own story", f"/api/v1/{slug}/{one}/story")


def seen(client: Client, tries: Iterable[Try]) -> Pages:
    """What each page says, without what differs each time: keys of forms, versions of cards."""
    snapshot.changed()  # nothing counted before is remembered
    found = {}
    for one in tries:
        answer = ask(client, one)
        assert answer.status_code in (200, 404), (one, answer.status_code)
        text = f"{answer.status_code} {answer.content.decode()}"
        text = re.sub(r"\b[0-9a-f]{32}\d?\b", "key", text)
        text = re.sub(r'(name="version" value|data-v|data-version)="\d+"', r"\1", text)
        text = re.sub(r'"version": \d+|\?v=\d+', "version", text)
        found[f"{one.method} {one.url} {one.data}"] = text
    return found


def differing(before: Pages, after: Pages) -> list[str]:
    """The pages that say something else, and where they begin to."""
    assert before.keys() == after.keys()
    told = []
    for url, text in before.items():
        if text != after[url]:
            at = next((n for n, pair in enumerate(zip(text, after[url], strict=False)) if pair[0] != pair[1]), 0)
            was, became = (one[max(0, at - 200) : at + 200] for one in (text, after[url]))
            told.append(f"{url}\n  before: {was!r}\n  after: {became!r}")
    return told


@pytest.mark.parametrize("scope", ["own", pytest.param("team", marks=pytest.mark.full)])
def test_no_figure_changes_when_hidden_cards_come_to_be(boss: Actor, stopped_clock: object, scope: str) -> None:
    """Nor a card of his, however they come to touch it."""
    world = build(boss, KEYS, scope)
    client, his = browser(world.snooper), browser(world.boss)
    before, of_boss = seen(client, [*figures(world), *cards(world)]), seen(his, figures(world))
    hide(world)
    assert not differing(before, seen(client, [*figures(world), *cards(world)]))
    changed = {line.split()[1].partition("?")[0] for line in differing(of_boss, seen(his, figures(world)))}
    assert {"/deals/board", "/reports/funnel", "/reports/sales", "/reports/sales/export", "/reports/leads",
            "/reports/plan", "/calendar/feed", "/deals/", "/deals/totals", "/tasks/"} <= changed  # fmt: skip


def _everything(actor: Actor, record_type: Any, action: str = "view", every: bool = False, each: bool = False) -> Any:
    return record_type.model.unguarded.filter(deleted_at__isnull=action != "restore")


def _all_of_filter(self: Any, q: Q, first: Any = None, every: bool = False) -> Any:
    return self.type.model.unguarded.filter(q, deleted_at__isnull=True)


def _all_of_report(self: Any, leaves: Any) -> Any:
    q = conditions.compile_q({"all": list(leaves)}, policy.condition_scope(self.actor, self.type))
    return self.type.model.unguarded.filter(q, deleted_at__isnull=True).order_by()


GUARDS = {
    "sums of the board": ("comity.ui.lists.Filter.records", _all_of_filter, "board sums"),
    "cards of the board": ("comity.ui.lists.Filter.records", _all_of_filter, "board"),
    "figures of the board": ("comity.access.policy.visible", _everything, "board sums"),
    "reports": ("comity.insight.reports.Ask.records", _all_of_report, "report"),
    "files of reports": ("comity.insight.reports.Ask.records", _all_of_report, "report as a file"),
    "records of a figure": ("comity.ui.lists.Filter.records", _all_of_filter, "records of a figure"),
    "clients in reports": ("comity.sales.reports.cuts._seen",
                           lambda actor, kind: type_of(kind).model.unguarded.values("pk"), "report"),
    "calendar feed": ("comity.access.policy.visible", _everything, "calendar feed"),
    "today": ("comity.access.policy.visible", _everything, "today"),
    "sums of lists": ("comity.access.policy.visible", _everything, "sums"),
    "filters by links": ("comity.records.conditions._seen", lambda spec, scope, linked: Q(), "list"),
}  # fmt: skip


@pytest.mark.alike
def test_figures_change_when_a_guard_is_removed(
    boss: Actor, stopped_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever it is."""
    world = build(boss, KEYS)
    client = browser(world.snooper)

    def look(guard: str) -> Pages:
        target, without, name = GUARDS[guard]
        with monkeypatch.context() as patch:
            patch.setattr(target, without)
            return seen(client, (one for one in figures(world) if one.name == name))

    before = {guard: look(guard) for guard in GUARDS}
    hide(world)
    assert not [guard for guard in GUARDS if not differing(before[guard], look(guard))]

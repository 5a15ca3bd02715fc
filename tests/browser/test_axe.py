"""No page breaks a rule axe knows, in both looks and directions, on a desk and on a phone; nothing runs out at 320 px.

One load for each page; then look, direction and width are switched in place. The first check runs all rules; the
switched ones, of the long run, those that look, direction and width can break.
"""

from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import browser.card_pages
import browser.deal_pages
import browser.door_pages
import browser.settings_pages
import browser.task_pages
import browser.today_pages  # noqa: F401 - put their pages on the list
from browser.door_pages import DOORS
from browser.pages import PLAIN, REACHED, Reach
from browser.settings_pages import SHAPE

ADDRESSES = (*PLAIN, *DOORS, *SHAPE)
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SEEN = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block", "meta-viewport"]
COMBINATIONS = tuple(product((1440, 390), ("light", "dark"), ("ltr", "rtl")))
CHECK = """async only => {
  const rules = only ? {runOnly: {type: 'rule', values: only}} : {rules: {'target-size': {enabled: true}}};
  const found = await axe.run(document, {resultTypes: ['violations'], ...rules});
  return found.violations.flatMap(v => v.nodes.map(n =>
    `${v.id}: ${n.target.join(' ')} ${n.any.concat(n.all, n.none).map(c => c.message).join('; ')}`));
}"""
TURN = """([theme, dir]) => { document.documentElement.dataset.theme = theme; document.documentElement.dir = dir; }"""
# Rows of a list are all alike: five of them tell as much as fifty.
THIN = "() => document.querySelectorAll('.tbl tbody tr:nth-child(n+6)').forEach(row => row.remove())"
# What is wider than the window although neither it nor anything round it scrolls by itself.
WIDER = """() => {
  const scrolls = e => { for (; e && e !== document.documentElement; e = e.parentElement)
    if (/auto|scroll/.test(getComputedStyle(e).overflowX)) return true; };
  return document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter(e => { const b = e.getBoundingClientRect(); return b.width && (b.right > innerWidth + 1 || b.left < -1); })
    .filter(e => !scrolls(e))
    .map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`).concat('the page');
}"""


def findings(page: Any, turns: Sequence[tuple[int, str, str]]) -> list[str]:
    """What axe finds on what the page shows now, turned as told; the first turn is judged by all rules."""
    page.evaluate(THIN)
    page.evaluate(AXE)
    found = []
    for width, theme, direction in turns:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate(TURN, [theme, direction])
        told = page.evaluate(CHECK, None if (width, theme, direction) == turns[0] else SEEN)
        found += [f"{width} {theme} {direction}: {one}" for one in told]
    for direction in sorted({direction for _width, _theme, direction in turns}):
        page.set_viewport_size({"width": 320, "height": 720})
        page.evaluate(TURN, ["light", direction])
        found += [f"320 {direction}: {one}" for one in page.evaluate(WIDER)]
    return found


@pytest.fixture
def turns(request: pytest.FixtureRequest, number: int) -> Sequence[tuple[int, str, str]]:
    """All combinations in the long run; else one in rotation: each look, direction and width has many pages."""
    if request.config.getoption("full"):
        return COMBINATIONS
    return COMBINATIONS[number % len(COMBINATIONS) :][:1]


@pytest.mark.parametrize(("number", "path"), list(enumerate(ADDRESSES)), ids=ADDRESSES)
def test_page(look_as: Callable[..., Any], turns: Sequence[tuple[int, str, str]], path: str) -> None:
    assert findings(look_as("owner", path), turns) == []


@pytest.mark.parametrize(("number", "reach"), list(enumerate(REACHED)), ids=[reach.__name__ for reach in REACHED])
def test_what_opens_on_a_page(look_as: Callable[..., Any], turns: Sequence[tuple[int, str, str]], reach: Reach) -> None:
    assert findings(reach(look_as), turns) == []

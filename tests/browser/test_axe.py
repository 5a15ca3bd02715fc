"""No page breaks a rule axe knows, in both looks and directions, on a desk and on a phone; nothing runs out at 320 px.

One load for each page; then look, direction and width are switched in place. The first check runs all rules; the
switched ones run those that look, direction and width can break.
"""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from browser.pages import PLAIN, REACHED, Reach

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
SEEN = ["color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block", "meta-viewport"]
# The quick run takes each look, direction and width once; the long one all of their combinations.
TURNS = ((1440, "light", "ltr"), (390, "dark", "rtl"))
ALL_TURNS = tuple(product((1440, 390), ("light", "dark"), ("ltr", "rtl")))
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


def findings(page: Any, turns: tuple[tuple[int, str, str], ...] = TURNS) -> list[str]:
    """What axe finds on what the page shows now, turned as told; the first turn is judged by all rules."""
    page.evaluate(THIN)
    page.evaluate(AXE)
    found = []
    for width, theme, direction in turns:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate(TURN, [theme, direction])
        told = page.evaluate(CHECK, None if (width, theme, direction) == turns[0] else SEEN)
        found += [f"{width} {theme} {direction}: {one}" for one in told]
    for direction in ("rtl", "ltr"):
        page.set_viewport_size({"width": 320, "height": 720})
        page.evaluate(TURN, ["light", direction])
        found += [f"320 {direction}: {one}" for one in page.evaluate(WIDER)]
    return found


@pytest.mark.parametrize("path", PLAIN)
def test_page(look_as: Callable[..., Any], path: str) -> None:
    assert findings(look_as("owner", path)) == []


@pytest.mark.parametrize("reach", REACHED, ids=lambda reach: reach.__name__)
def test_what_opens_on_a_page(look_as: Callable[..., Any], reach: Reach) -> None:
    assert findings(reach(look_as)) == []


@pytest.mark.full
@pytest.mark.parametrize("path", PLAIN)
def test_page_in_every_combination(look_as: Callable[..., Any], path: str) -> None:
    assert findings(look_as("owner", path), ALL_TURNS) == []


@pytest.mark.full
@pytest.mark.parametrize("reach", REACHED, ids=lambda reach: reach.__name__)
def test_what_opens_in_every_combination(look_as: Callable[..., Any], reach: Reach) -> None:
    assert findings(reach(look_as), ALL_TURNS) == []

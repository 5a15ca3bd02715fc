"""Pictures for the README and the docs, from the demo company: `python tests/browser/screens.py [name ...]`, on demand.

Two demo companies are made in temporary folders, one in English and one in Arabic; docs/screens gets the pictures,
all of them or those that are named.
"""

import base64
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import shape_screens
from conftest import CHROMIUM, CHROMIUM_FLAGS
from support.installation import Installation
from support.receiver import receiver

OUT = Path(__file__).parents[2] / "docs" / "screens"
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 760}
LIMIT = 150 * 1024
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


# Decodes a picture and counts its colours: 256 stay, each other one becomes the nearest of them. Those that stay are
# the most used one of every shade first, so that a small dot keeps its colour, and then the most used of all.
REDUCE = """async source => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const dots = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer), often = new Map();
  for (const dot of dots) often.set(dot, (often.get(dot) || 0) + 1);
  const parts = dot => [dot & 255, dot >> 8 & 255, dot >> 16 & 255], near = new Map(), shades = new Map();
  const used = [...often].sort((a, b) => b[1] - a[1]);
  for (const [dot, count] of used) {
    const shade = parts(dot).map(part => part >> 5).join(), held = shades.get(shade);
    if (held) held[1] += count; else shades.set(shade, [dot, count]);
  }
  const first = [...shades.values()].sort((a, b) => b[1] - a[1]).slice(0, 160);
  const kept = [...new Set([...first, ...used].map(([dot]) => dot))].slice(0, 256), table = kept.map(parts);
  for (const dot of often.keys()) {
    const [r, g, b] = parts(dot);
    let best = Infinity, at = 0;
    table.forEach((c, i) => {
      const far = (c[0] - r) ** 2 + (c[1] - g) ** 2 + (c[2] - b) ** 2;
      if (far < best) { best = far; at = i; }
    });
    near.set(dot, at);
  }
  const bytes = Uint8Array.from(dots, dot => near.get(dot)), text = [];
  for (let i = 0; i < bytes.length; i += 32768) text.push(String.fromCharCode(...bytes.subarray(i, i + 32768)));
  return {width: picture.width, height: picture.height, palette: table.flat(), dots: btoa(text.join(''))};
}"""


def smaller(browser: Any, png: bytes) -> bytes:
    """The same picture with at most 256 colours, packed as tightly as zlib can."""
    page = browser.new_page()
    told = page.evaluate(REDUCE, "data:image/png;base64," + base64.b64encode(png).decode())
    page.close()
    width, dots = told["width"], base64.b64decode(told["dots"])
    rows = b"".join(b"\0" + dots[at : at + width] for at in range(0, len(dots), width))
    out = b"\x89PNG\r\n\x1a\n"
    head = struct.pack(">IIBBBBB", width, told["height"], 8, 3, 0, 0, 0)
    for kind, body in (
        (b"IHDR", head), (b"PLTE", bytes(told["palette"])), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""),
    ):  # fmt: skip
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return out


def demo(language: str, authority: Path) -> Installation:
    """A running demo company in a folder of its own, that may call the other side of webhooks."""
    folder = Path(tempfile.mkdtemp(prefix="comity-screens-"))
    house = Installation(folder, COMITY_OUTBOUND_ALLOW="127.0.0.1", SSL_CERT_FILE=str(authority))
    house.ok("demo", "--language", language)
    return house.start()


def take(browser: Any, house: Installation, name: str, picture: "Picture") -> None:
    """Log in, do the steps, keep the picture."""
    context = browser.new_context(base_url=house.url, reduced_motion="reduce", **picture.shape)
    form = {"username": f"{picture.who}@demo.example", "password": "moonlit-teapot"}
    answer = context.request.post("/login", form=form, headers=SAME_SITE)
    assert not answer.url.endswith("/login"), answer.text()
    page = context.new_page()
    picture.steps(page)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready.then(() => null)")
    kept = smaller(browser, page.screenshot())
    (OUT / f"{name}.png").write_bytes(kept)
    print(f"docs/screens/{name}.png", len(kept) // 1024, "KB")
    assert len(kept) < LIMIT, name
    context.close()


def page_at(path: str) -> Callable[[Any], None]:
    """A page as it opens."""
    return lambda page: page.goto(path)


def show_list(page: Any) -> None:
    """A filtered list, two rows chosen."""
    page.goto("/companies/?match=all&f-0=kind&op-0=any&v-0=customer&v-0=partner&sort=-turnover")
    for n in (1, 2):
        page.locator("tbody [name=id]").nth(n).check()


def show_record(page: Any) -> None:
    """The card of a company with a story."""
    page.goto("/companies/?sort=-turnover")
    page.locator("tbody .nm a").nth(1).click()
    page.wait_for_selector(".who")


def show_palette(page: Any) -> None:
    """The palette with hits."""
    page.goto("/people/")
    page.keyboard.press("Control+k")
    page.fill("#pal input", "amber")
    page.wait_for_selector("#pal-list .o[data-href*='/companies/']")


def show_board(page: Any) -> None:
    """The board with its figures."""
    page.goto("/deals/board")
    page.wait_for_selector(".fig")


def show_drag(page: Any) -> None:
    """A card on its way, with the ends to drop it on."""
    show_board(page)
    held, over = (page.locator(f"#col-{key} .kc").first.bounding_box() for key in ("quote", "agreement"))
    page.mouse.move(held["x"] + 80, held["y"] + 20)
    page.wait_for_function(
        "() => Object.keys(document.querySelector('.cards')).some(key => key.startsWith('Sortable'))"
    )
    page.mouse.down()
    page.mouse.move(held["x"] + 100, held["y"] + 40, steps=4)
    page.wait_for_selector("#zones:not([hidden])")
    page.mouse.move(over["x"] - 20, over["y"] + 190, steps=8)


def show_gate(page: Any) -> None:
    """What a stage asks for before it is left."""
    form = {"name": "Lamps for the bakery", "pipeline": "sales"}
    deal = page.request.post("/deals/new", form=form, headers=SAME_SITE).url
    page.request.post(f"{deal}/move", form={"stage": "meeting"}, headers=SAME_SITE)
    page.goto(deal)
    page.click(".steps button[value=quote]")
    page.wait_for_selector("#dlg[open] [name=amount-amount]")


def first_deal(page: Any, column: str = "agreement") -> None:
    """The card of the first deal of a column."""
    show_board(page)
    page.goto(page.get_attribute(f"#col-{column} .kc a", "href"))
    page.wait_for_selector(".steps")


def show_won(page: Any) -> None:
    """What decided it."""
    first_deal(page)
    page.click(".who a[href$='/won']")
    page.wait_for_selector("#dlg[open] [name=reason]")


def show_lead(page: Any) -> None:
    """An inquiry that nobody has answered yet, from somebody who is perhaps here already."""
    page.goto("/leads/?view=unanswered")
    page.goto(page.get_attribute("tbody .nm a", "href"))
    page.wait_for_selector(".steps")


def show_convert(page: Any) -> None:
    """What an inquiry becomes, filled in beforehand."""
    show_lead(page)
    page.click(".who a[href$='/convert']")
    page.wait_for_selector("#dlg[open] form")


def show_calendar(page: Any) -> None:
    """The working week; at its end the next one."""
    page.goto("/calendar?view=week")
    if page.evaluate("[0, 5, 6].includes(new Date().getDay())"):
        page.click("a[rel=next]")
    page.wait_for_selector(".ec-event")


@dataclass(frozen=True)
class Picture:
    """What is to be seen, whose screen it is, and in which shape."""

    steps: Callable[[Any], None]
    who: str = "north"
    language: str = "en"
    shape: dict[str, Any] = field(default_factory=lambda: {"viewport": WIDE})


HAND = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
DARK = {"viewport": WIDE, "color_scheme": "dark"}
PICTURES = {
    "list": Picture(show_list),
    "record": Picture(show_record),
    "palette-dark": Picture(show_palette, shape=DARK),
    "phone-ar": Picture(page_at("/people/"), language="ar", shape=HAND),
    "today": Picture(page_at("/today")),
    "today-phone": Picture(page_at("/today"), shape=HAND),
    "calendar": Picture(show_calendar),
    "tasks": Picture(page_at("/tasks/")),
    "leads": Picture(page_at("/leads/")),
    "lead": Picture(show_lead),
    "convert": Picture(show_convert),
    "board": Picture(show_board),
    "board-dark": Picture(show_drag, shape=DARK),
    "board-phone-ar": Picture(show_board, who="south", language="ar", shape=HAND),
    "deals": Picture(page_at("/deals/")),
    "deal": Picture(first_deal),
    "gate": Picture(show_gate, who="south"),
    "won": Picture(show_won),
    "funnel": Picture(page_at("/reports/funnel"), who="head"),
    "report-sales": Picture(page_at("/reports/sales?rows=month&columns=person"), who="head"),
    "report-leads": Picture(page_at("/reports/leads"), who="head"),
    "report-plan": Picture(page_at("/reports/plan"), who="head"),
    "settings-stage": Picture(page_at("/settings/stages/meeting"), who="owner"),
    "settings-goals": Picture(page_at("/settings/goals"), who="owner"),
    # The kind of cards these make stands in the menu from here on.
    "properties": Picture(shape_screens.show_properties, who="owner"),
    "property-board": Picture(shape_screens.show_property_board, who="owner"),
    "layout": Picture(shape_screens.show_layout, who="owner"),
    "formula": Picture(shape_screens.show_formula, who="owner"),
    "import": Picture(shape_screens.show_mapping, who="owner"),
    "import-dry-run": Picture(shape_screens.show_dry_run, who="owner"),
    "merge": Picture(shape_screens.show_merge, who="owner"),
    "handover": Picture(shape_screens.show_handover, who="owner"),
    "api-docs": Picture(shape_screens.show_api_docs, who="owner"),
    "webhook": Picture(shape_screens.show_webhook, who="owner"),
}


def main(names: list[str]) -> None:
    """Make all pictures, or those named."""
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = {name: PICTURES[name] for name in names or PICTURES}
    houses: dict[str, Installation] = {}
    with receiver(Path(tempfile.mkdtemp(prefix="comity-receiver-"))) as (server, authority):
        shape_screens.other_side[:] = [server.url]
        try:
            for language in {picture.language for picture in wanted.values()}:
                houses[language] = demo(language, authority)
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
                for name, picture in wanted.items():
                    take(browser, houses[picture.language], name, picture)
                browser.close()
        finally:
            for house in houses.values():
                house.stop()


if __name__ == "__main__":
    main(sys.argv[1:])

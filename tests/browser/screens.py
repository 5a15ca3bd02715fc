"""Pictures for the README and the docs, from the demo company: `python tests/browser/screens.py`, run on demand.

Two demo companies are made in temporary folders, one in English and one in Arabic; docs/screens gets the pictures.
"""

import base64
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from conftest import CHROMIUM, CHROMIUM_FLAGS
from support.installation import Installation

OUT = Path(__file__).parents[2] / "docs" / "screens"
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 760}
LIMIT = 150 * 1024


# Decodes a picture and counts its colours: the 256 most used stay, each other one becomes the nearest of them.
REDUCE = """async source => {
  const picture = new Image();
  picture.src = source;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext('2d');
  pen.drawImage(picture, 0, 0);
  const dots = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer), often = new Map();
  for (const dot of dots) often.set(dot, (often.get(dot) || 0) + 1);
  const kept = [...often].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([dot]) => dot);
  const parts = dot => [dot & 255, dot >> 8 & 255, dot >> 16 & 255], table = kept.map(parts), near = new Map();
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


def demo(language: str) -> Installation:
    """A running demo company in a folder of its own."""
    house = Installation(Path(tempfile.mkdtemp(prefix="comity-screens-")))
    house.ok("demo", "--language", language)
    return house.start()


def take(browser: Any, house: Installation, name: str, steps: Callable[[Any], None], **shape: Any) -> None:
    """Log in, do the steps, keep the picture."""
    context = browser.new_context(base_url=house.url, reduced_motion="reduce", **shape)
    page = context.new_page()
    page.goto("/login")
    page.fill("#username", "north@demo.example")
    page.fill("#password", "moonlit-teapot")
    page.click("button.pri")
    page.wait_for_selector("#main h1")
    steps(page)
    page.evaluate("document.fonts.ready.then(() => null)")
    picture = smaller(browser, page.screenshot())
    (OUT / f"{name}.png").write_bytes(picture)
    print(f"docs/screens/{name}.png", len(picture) // 1024, "KB")
    assert len(picture) < LIMIT, name
    context.close()


def show_list(page: Any) -> None:
    """A filtered list, two rows chosen."""
    page.goto("/companies/?match=all&f-0=kind&op-0=any&v-0=customer&v-0=partner&sort=-turnover")
    for n in (1, 2):
        page.locator("tbody [name=id]").nth(n).check()


def show_record(page: Any) -> None:
    """The card of a person with a story."""
    page.goto("/companies/?sort=-turnover")
    page.locator("tbody .nm a").nth(1).click()
    page.wait_for_selector(".who")


def show_palette(page: Any) -> None:
    """The palette with hits."""
    page.goto("/people/")
    page.keyboard.press("Control+k")
    page.fill("#pal input", "amber")
    page.wait_for_selector("#pal-list .o[data-href*='/companies/']")


def show_phone(page: Any) -> None:
    """A list in the hand."""
    page.goto("/people/")


def main() -> None:
    """Make all pictures."""
    OUT.mkdir(parents=True, exist_ok=True)
    english, arabic = demo("en"), demo("ar")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
            take(browser, english, "list", show_list, viewport=WIDE)
            take(browser, english, "record", show_record, viewport=WIDE)
            take(browser, english, "palette-dark", show_palette, viewport=WIDE, color_scheme="dark")
            phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
            take(browser, arabic, "phone-ar", show_phone, **phone)
            browser.close()
    finally:
        english.stop()
        arabic.stop()


if __name__ == "__main__":
    main()

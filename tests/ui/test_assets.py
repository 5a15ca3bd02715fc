"""The prebuilt files and the templates: sizes, one build, nothing inline, every icon and text in order."""

import gzip
import hashlib
import re
from math import cos, radians, sin
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

import comity.ui
from comity.identity.models import ACCENT_HUES

ROOT = Path(comity.ui.__file__).parent
STATIC = ROOT / "static" / "ui"
TEMPLATES = ROOT / "templates"
PAGES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
KB = 1024


def packed(name: str) -> int:
    """Bytes on the line: fonts are compressed already, the rest travels as gzip."""
    body = (STATIC / name).read_bytes()
    return len(body) if name.endswith(".woff2") else len(gzip.compress(body, 9))


def environment() -> Environment:
    """An environment that parses our templates as the product does."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Relative luminance (WCAG) of an oklch colour, clipped to what a screen shows."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(max(one, 0.0), 1.0) for one in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("hue", ACCENT_HUES)
@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_accent_keeps_its_contrast_and_has_its_rule(hue: int, theme: int) -> None:
    source = (STATIC / "src" / "base.css").read_text()
    assert hue == ACCENT_HUES[0] or re.search(rf'\[data-accent="?{hue}"?\]', (STATIC / "app.css").read_text())
    assert f"{{ --h: {hue} }}" in source, "the swatch has the same hue"

    def light(token: str) -> float:
        found = re.search(rf"--{token}: *light-dark\(oklch\((.+?)\), +oklch\((.+?)\)\);", source)
        assert found, token
        *parts, angle = found.group(1 + theme).split()
        return luminance(*map(float, parts), hue if "var" in angle else float(angle))  # type: ignore[arg-type]

    def contrast(one: str, two: str) -> float:
        lower, upper = sorted((light(one), light(two)))
        return (upper + 0.05) / (lower + 0.05)

    for text, ground in (("on-accent", "accent"), ("on-accent", "accent-hover"), ("accent-ink", "accent-soft"),
                         ("accent-ink", "sheet"), ("accent", "sheet"), ("focus", "canvas")):  # fmt: skip
        assert contrast(text, ground) >= 4.5, (text, ground)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("app.css", 10),
        ("app.js", 29),
        ("icons.svg", 5),
        ("mark.svg", 1),
        ("card.css", 4),
        ("docs.css", 1),
        ("board.css", 3),
        ("board.js", 4),
        ("drag.js", 15),
        ("calendar.js", 45),
        ("calendar.css", 5),
        ("today.js", 1),
        ("today.css", 2),
    ],
)
def test_each_file_keeps_its_budget(name: str, limit: int) -> None:
    assert packed(name) <= limit * KB


@pytest.mark.parametrize(
    ("language", "fonts"),
    [("en", ["latin"]), ("ar", ["latin"]), ("ru", ["latin", "cyrillic"])],
)
def test_first_visit_fits_with_the_largest_page(language: str, fonts: list[str]) -> None:
    names = ["app.css", "app.js", "icons.svg", "mark.svg", *(f"fonts/manrope-{font}.woff2" for font in fonts)]
    assert sum(map(packed, names)) + 10 * KB <= 80 * KB
    assert len(names) + 1 <= 8


@pytest.mark.parametrize(
    ("built", "suffix"),
    [
        *((f"{name}.{end}", f".{end}") for name in ("app", "board", "calendar", "today") for end in ("js", "css")),
        ("card.css", ".css"),
        ("docs.css", ".css"),
        ("drag.js", ".js"),
    ],
)
def test_built_files_come_from_the_sources(built: str, suffix: str) -> None:
    sources = sorted(path for path in (STATIC / "src").iterdir() if path.suffix == suffix)
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]
    assert (STATIC / built).read_text().startswith(f"/* sources {digest} */"), "run the build in tools/assets"


def test_style_loads_only_files_that_are_there() -> None:
    css = (STATIC / "app.css").read_text()
    urls = re.findall(r"url\(\"?([^)\"]+)\"?\)", css)
    assert urls
    assert [url for url in urls if not (STATIC / url).is_file()] == []
    assert css.index("@layer reset,tokens,base,layout,parts,util") < css.index("@layer reset{")


def test_sprite_holds_the_listed_icons_and_all_that_templates_use() -> None:
    listed = (STATIC / "icons.txt").read_text().split()
    assert listed == sorted(set(listed))
    assert re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()) == listed
    used = set()
    for page in PAGES:
        for call in re.findall(r"\bicon\(([^)]*)\)", (TEMPLATES / page).read_text()):
            used |= set(re.findall(r'"([a-z0-9-]{4,})"', call)) - {"descending", "ascending", "s flip"}
    assert used - {"system", "flip"} <= set(listed)
    assert "search" in used


@pytest.mark.parametrize("page", PAGES)
def test_template_is_sound(page: str) -> None:
    source = (TEMPLATES / page).read_text()
    environment().get_template(page)
    assert not re.search(r"\sstyle=|\son[a-z]+=|hx-on|javascript:|\bjs:|hx-vals|<style", source), "nothing inline"
    for script in re.findall(r"<script[^>]*>", source):
        assert "src=" in script or 'type="application/json"' in script
    assert not re.search(r"\.(items|keys|values)\b(?!\()", source), "a dict would answer with its method"
    assert not re.search(r"\|\s*safe\b", source)


@pytest.mark.parametrize("page", PAGES)
def test_texts_may_stand_in_attributes(page: str) -> None:
    """Translated texts are trusted HTML, also inside attributes: no quotes, no markup, only named placeholders."""
    for _line, _function, message in environment().extract_translations((TEMPLATES / page).read_text()):
        for text in [message] if isinstance(message, str) else [part for part in message if part]:
            assert not re.search(r'["<>&]', text)
            assert not re.search(r"%(?!\([a-z_]+\)[sd])", text)

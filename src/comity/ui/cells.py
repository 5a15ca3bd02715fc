"""Cells of lists: each field kind is one function `bind(spec, ctx) -> render(row)` that returns escaped HTML.

Templates would cost three times as much per page (measured); the markup is fixed in docs/ui-rows.md. This module and
`display` are the only places where HTML is put together by hand, and everything from outside goes through `escape`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from html import escape
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.kernel import phones, units
from comity.kernel.money import format_money, to_currency
from comity.kernel.text import comma
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, FieldSpec
from comity.ui import names

Row = Mapping[str, Any]
Render = Callable[[Row], str]
MASKED = '<span class="mute" aria-label="{}">•••</span>'


@dataclass
class CellContext:
    """What cells share in one request: whose eyes, the moment, and the batches loaded for the page's rows."""

    actor: Actor
    now: datetime
    sprite: str
    points: Mapping[UUID, Mapping[str, Any]] = field(default_factory=dict)
    tags: Mapping[UUID, list[UUID]] = field(default_factory=dict)
    links: Mapping[tuple[str, UUID], str] = field(default_factory=dict)
    bound: dict[tuple[int, str], tuple[FieldSpec, Render]] = field(default_factory=dict)  # a story asks for one often

    @property
    def language(self) -> str:
        """The reader's language."""
        return self.actor.language


def small_icon(ctx: CellContext, name: str) -> str:
    """A small icon without a word of its own."""
    return f'<svg class="i s" aria-hidden="true"><use href="{ctx.sprite}#{name}"/></svg>'


def bind(spec: FieldSpec, level: str, ctx: CellContext) -> Render:
    """The function that draws a field's cell content for a row; `level` mask or read or write."""
    found = ctx.bound.get((id(spec), level))
    if found is None:
        made = _masked(spec, ctx) if level == "mask" else _BIND[spec.kind](spec, ctx)
        found = ctx.bound[id(spec), level] = (spec, made)
    return found[1]


def _masked(spec: FieldSpec, ctx: CellContext) -> Render:
    """A masked contact point shows its ends, everything else only that it is there."""
    text = MASKED.format(escape(_("Hidden")))
    if spec.kind in CONTACT_KINDS:

        def point(row: Row) -> str:
            found = ctx.points.get(row["id"], {}).get(spec.key)
            return (
                f'<bdi dir="ltr" class="num mute">{escape(names.mask(spec, found[0]["value"]))}</bdi>' if found else ""
            )

        return point
    return lambda row: text if spec.stored == "rows" or not kinds.empty(kinds.read(spec, row)) else ""


def _plain(spec: FieldSpec, ctx: CellContext) -> Render:
    key = spec.key
    if spec.stored == "custom":
        return lambda row: _span((row["custom"] or {}).get(key))
    return lambda row: _span(row[key])


def _span(text: str | None) -> str:
    return f'<span dir="auto">{escape(text)}</span>' if text else ""


def _long(spec: FieldSpec, ctx: CellContext) -> Render:
    def render(row: Row) -> str:
        text = kinds.read(spec, row)
        return f'<span class="cut" dir="auto">{escape(text[:120])}</span>' if text else ""

    return render


def _code(spec: FieldSpec, ctx: CellContext) -> Render:
    def render(row: Row) -> str:
        text = kinds.read(spec, row)
        return f'<bdi dir="ltr">{escape(text)}</bdi>' if text else ""

    return render


def _url(spec: FieldSpec, ctx: CellContext) -> Render:
    def render(row: Row) -> str:
        return names.web_link(kinds.read(spec, row))

    return render


def number_format(language: str) -> Callable[[int], str]:
    """Whole numbers as readers of the language write them."""
    return lambda value: written_number(value, language)


@lru_cache(maxsize=4096)
def written_number(value: int, language: str) -> str:
    """A whole number in a language; the same ones come again and again, and writing one is slow."""
    return str(format_decimal(value, locale=language))


def scaled_format(language: str) -> Callable[[int], str]:
    """Scaled numbers as readers of the language write them."""
    return lambda value: format_decimal(kinds.decimal(value).normalize(), format="#,##0.####", locale=language)


def _number(spec: FieldSpec, ctx: CellContext) -> Render:
    write = number_format(ctx.language) if spec.kind == "integer" else scaled_format(ctx.language)
    word = "" if spec.unit in ("pieces", "percent") else str(units.get(spec.unit).sign)
    after = f' <span class="mute">{escape(word)}</span>' if word else ""
    percent = "\u00a0%" if spec.kind == "percent" else ""

    def render(row: Row) -> str:
        value = kinds.read(spec, row)
        return "" if value is None else f'<bdi class="num">{escape(write(value))}{percent}</bdi>{after}'

    return render


def _money(spec: FieldSpec, ctx: CellContext) -> Render:
    language, counted = ctx.language, bool(spec.formula)  # what was typed is shown whole, what was counted as one pays

    def render(row: Row) -> str:
        value = kinds.read(spec, row)
        if not value:
            return ""
        size = to_currency(*value) if counted else value[0]
        return f'<bdi class="num">{escape(format_money(size, value[1], language))}</bdi>'

    return render


def _dates(spec: FieldSpec, ctx: CellContext) -> Render:
    show = day_format(ctx.language, ctx.now)

    def render(row: Row) -> str:
        value = kinds.read(spec, row)
        return f'<time datetime="{value.isoformat()}" class="num">{escape(show(value))}</time>' if value else ""

    return render


def day_format(language: str, now: datetime) -> Callable[[date], str]:
    """Dates as short as they stay clear: without the year in this year."""
    this_year = now.year
    return lambda day: written_day(day, "d MMM" if day.year == this_year else "d MMM y", language)


@lru_cache(maxsize=4096)
def written_day(day: date, pattern: str, language: str) -> str:
    """A day by a pattern of CLDR; the same days come again and again, and writing one is slow."""
    return str(format_date(day, pattern, locale=language))


def moment_format(language: str, now: datetime, timezone: str) -> Callable[[datetime], str]:
    """Moments in the reader's zone: the time today, else the day."""
    zone = ZoneInfo(timezone)
    today = now.astimezone(zone).date()
    show_day, between = day_format(language, now), comma(language)

    def show(moment: datetime) -> str:
        local = moment.astimezone(zone)
        clock = f"{local.hour:02}:{local.minute:02}"
        return clock if local.date() == today else f"{show_day(local.date())}{between}{clock}"

    return show


def _moments(spec: FieldSpec, ctx: CellContext) -> Render:
    if "cell" in spec.extra:
        from comity.ui.steps import due_cell, next_cell

        return next_cell(spec, ctx) if spec.extra["cell"] == "next" else due_cell(spec, ctx)
    show = moment_format(ctx.language, ctx.now, ctx.actor.timezone)

    def render(row: Row) -> str:
        value = kinds.read(spec, row)
        if not value:
            return ""
        iso = value.astimezone(UTC).isoformat()[:16]
        return f'<time datetime="{iso}Z" class="num">{escape(show(value))}</time>'

    return render


def _bool(spec: FieldSpec, ctx: CellContext) -> Render:
    label = escape(_("Yes"))  # apart: no tool finds a text within an f-string
    yes = f'<svg class="i s" role="img" aria-label="{label}"><use href="{ctx.sprite}#check"/></svg>'
    return lambda row: yes if kinds.read(spec, row) else ""


def _choice(spec: FieldSpec, ctx: CellContext) -> Render:
    chips: dict[Any, str] = {}
    for one in spec.choices:
        label = escape(one.label[ctx.language])
        chips[one.key] = (
            f'<span class="pill flat" dir="auto"><i class="dot h{one.hue}"></i>{label}</span>'
            if one.hue
            else f'<span dir="auto">{label}</span>'
        )
    if spec.stored == "custom":
        return lambda row: chips.get((row["custom"] or {}).get(spec.key), "")
    key = spec.key
    return lambda row: chips.get(row[key], "")


def _named(spec: FieldSpec, ctx: CellContext) -> Render:
    """Languages, countries and currencies by their names in the reader's language."""
    return lambda row: _span(names.code_name(spec.kind, kinds.read(spec, row), ctx.language))


def _choices(spec: FieldSpec, ctx: CellContext) -> Render:
    def render(row: Row) -> str:
        return _pills([names.choice_name(spec, key, ctx.language) for key in kinds.read(spec, row)])

    return render


def _pills(texts: list[str], hues: list[int] | None = None) -> str:
    shown = " ".join(f'<span class="pill" dir="auto">{escape(text)}</span>' for text in texts[:3])
    return shown + (f' <span class="pill">+{len(texts) - 3}</span>' if len(texts) > 3 else "")


def _user(spec: FieldSpec, ctx: CellContext) -> Render:
    attname = spec.attname
    users = ctx.actor.state.users
    drawn: dict[UUID, str] = {}

    def render(row: Row) -> str:
        key = kinds.read(spec, row) if spec.stored == "custom" else row[attname]
        if key is None:
            return ""
        text = drawn.get(key)
        if text is None:
            user = users.get(key)
            text = drawn[key] = user_html(user) if user else ""
        return text

    return render


def user_html(user: Any) -> str:
    """A colleague: avatar and name."""
    avatar = f'<span class="av h{user.hue}" aria-hidden="true">{escape(user.initials)}</span>'
    return f'<span class="us">{avatar}<span dir="auto">{escape(user.name)}</span></span>'


def _team(spec: FieldSpec, ctx: CellContext) -> Render:
    teams = ctx.actor.state.teams

    def render(row: Row) -> str:
        team = teams.get(kinds.read(spec, row))
        return _span(team.name if team else "")

    return render


def _link(spec: FieldSpec, ctx: CellContext) -> Render:
    types = ctx.actor.state.record_types

    def render(row: Row) -> str:
        for ref in kinds.refs(spec, kinds.read(spec, row)):
            if title := ctx.links.get((ref.type, ref.id)):
                return f'<a class="u" href="/{types[ref.type].slug}/{ref.id}" dir="auto">{escape(title)}</a>'
        return ""

    return render


def _relation(spec: FieldSpec, ctx: CellContext) -> Render:
    """The linked cards he sees, the first three by name."""
    types, most = ctx.actor.state.record_types, 3

    def render(row: Row) -> str:
        shown = []
        for ref in kinds.read(spec, row):
            if title := ctx.links.get((ref.type, ref.id)):
                shown.append(f'<a class="u" href="/{types[ref.type].slug}/{ref.id}" dir="auto">{escape(title)}</a>')
        rest = f' <span class="pill">+{len(shown) - most}</span>' if len(shown) > most else ""
        return comma(ctx.language).join(shown[:most]) + rest

    return render


def _file(spec: FieldSpec, ctx: CellContext) -> Render:
    """The files of a field with their sizes; each is saved by a click."""
    language = ctx.language

    def render(row: Row) -> str:
        return " ".join([
            f'<a class="u" href="/files/{one.id}" download dir="auto">{escape(one.name)}</a> '
            f'<small class="mute num">{escape(names.size_text(one.size, language))}</small>'
            for one in kinds.read(spec, row)
        ])  # fmt: skip

    return render


def _tags(spec: FieldSpec, ctx: CellContext) -> Render:
    known = ctx.actor.state.tags

    def render(row: Row) -> str:
        return _pills([known[key].name for key in ctx.tags.get(row["id"], ()) if key in known])

    return render


def _points(spec: FieldSpec, ctx: CellContext) -> Render:
    key = spec.key
    kind = spec.kind

    def render(row: Row) -> str:
        found = ctx.points.get(row["id"], {}).get(key)
        return point_html(kind, found[0]) if found else ""

    return render


def point_html(kind: str, point: Mapping[str, str]) -> str:
    """A phone, e-mail or handle one can act on."""
    value = escape(point["value"])
    if kind == "phones":
        shown = phones.display(point["value"]) + (f" #{point['ext']}" if point.get("ext") else "")
        return f'<a class="u" href="tel:{value}"><bdi dir="ltr" class="num">{escape(shown)}</bdi></a>'
    if kind == "emails":
        return f'<a class="u" href="mailto:{value}"><bdi dir="ltr">{value}</bdi></a>'
    return f'<bdi dir="ltr">{value}</bdi>'


def _address(spec: FieldSpec, ctx: CellContext) -> Render:
    def render(row: Row) -> str:
        return _span(names.address_line(kinds.read(spec, row), ctx.language))

    return render


_BIND: dict[str, Callable[[FieldSpec, CellContext], Render]] = {
    "text": _plain, "longtext": _long, "url": _url, "taxnumber": _code, "integer": _number, "number": _number,
    "percent": _number, "money": _money, "date": _dates, "datetime": _moments, "bool": _bool, "choice": _choice,
    "language": _named, "country": _named, "currency": _named, "choices": _choices, "languages": _choices,
    "user": _user, "team": _team, "link": _link, "card": _link, "tags": _tags, "phones": _points, "emails": _points,
    "handles": _points, "address": _address, "relation": _relation, "file": _file,
}  # fmt: skip

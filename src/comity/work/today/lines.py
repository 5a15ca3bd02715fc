"""The lines of Today as HTML, made by hand as the cells of lists are: a page has up to 120 of them.

A button of a line belongs to one of the forms of work/today.html and carries the line's key: what the buttons of all
lines have in common stands there once.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from markupsafe import Markup

from comity.access.actors import Actor
from comity.kernel.clock import now
from comity.records.models import RecordRef
from comity.ui.render import icon
from comity.work import whose as choice
from comity.work.today import first
from comity.work.today.sections import Row, Section
from comity.work.today.words import due_format, how_late
from comity.work.whose import Whose

Draw = Callable[[Section, Sequence[Row]], Markup]


def drawer(
    actor: Actor, whose: Whose, titles: Mapping[RecordRef, str], rows: Sequence[Row], urgent: Row | None
) -> Draw:  # fmt: skip
    """Draws the lines of a section; `rows` are those of the page, `urgent` is the one to be done now."""
    doable = choice.changeable(actor, {row.ref.id: row.owner for row in rows if row.ref.type == "task"})
    slugs = {key: one.slug for key, one in actor.state.record_types.items()}
    ticks, when, buttons, plan = actor.seen_by is None, _when(actor), _buttons(), _plan()
    icons = {
        (name, hue): f'<span class="kd h{hue}">{icon(name)}</span>' if hue else f'<span class="kd">{icon(name)}</span>'
        for name, hue in {(row.icon, row.hue) for row in rows}
    }
    before, _name, after = escape(_("Select %(name)s")).partition("%(name)s")
    owner = _owner(actor) if not whose.mine else _nothing

    def below(row: Row) -> str:
        """The card it is about, and the words beside."""
        under = ""
        if sub := row.sub(titles):
            under = f'<a class="u" href="/{slugs[sub.type]}/{sub.id}" dir="auto">{escape(titles[sub])}</a>'
        if row.note and row.at:
            under += f' <span class="{row.tone or "mute"}">{escape(row.note)}</span>'
        return under and f"<small>{under}</small>"

    def line(row: Row, tick: bool) -> str:
        kind, key = row.ref.type, str(row.ref.id)
        title = escape(row.title)
        box = (
            f'<td><input type="checkbox" name="id" value="{key}" form="bulk" aria-label="{before}{title}{after}"></td>'
            if tick
            else ""
        )
        first_of_all, mark, facts = (' class="now"', *_urgent(actor, row, titles)) if row is urgent else ("", "", "")
        acts = buttons(key) if row.ref.id in doable else plan(kind, key) if row.plan else "<span></span>"
        return (
            f'<tr id="{key}"{first_of_all}>{box}<td class="nmc"><span class="nm">{icons[row.icon, row.hue]}<span>{mark}'
            f'<a href="/{slugs[kind]}/{key}" dir="auto">{title}</a>{below(row)}{facts}</span></span></td>'
            f'<td class="amt">{when(row)}</td>{owner(row)}<td class="nx">{acts}</td></tr>'
        )

    def draw(section: Section, some: Sequence[Row]) -> Markup:
        tick = section.tasks and ticks
        return Markup("\n".join([line(row, tick) for row in some]))  # noqa: S704 - escaped

    return draw


def _nothing(row: Row) -> str:
    return ""


def _urgent(actor: Actor, row: Row, titles: Mapping[RecordRef, str]) -> tuple[str, str]:
    """What stands before the words of the line that comes first of all, and what one needs to act on it."""
    found = first.context(actor, row, titles)
    note = f'<span class="said" dir="auto">{escape(found["note"])}</span>' if found["note"] else ""
    word = escape(_("Now"))  # apart: no tool finds a text within an f-string
    return f'<b class="nw">{word}</b> ', f'<span class="facts">{found["phones"]}{note}</span>'


def _when(actor: Actor) -> Callable[[Row], str]:
    """How late it is, when it is due; else the words beside it."""
    zone, language = ZoneInfo(actor.timezone), actor.language
    moment = now().astimezone(zone)
    write = due_format(language, moment, actor.timezone)
    before, _time, after = escape(_("%(time)s late")).partition("%(time)s")

    def draw(row: Row) -> str:
        if row.at is None:
            return f'<span class="pill">{escape(row.note)}</span>'
        at, whole_day = row.at.astimezone(zone), row.whole_day  # once: the words would do it again and again
        stamp = (
            f'<time datetime="{row.at.isoformat()[:16]}Z" class="num">{escape(write(at, whole_day))}</time>'
        )  # fmt: skip
        if at >= moment:
            return stamp
        passed = escape(how_late(at, whole_day, moment, zone, language))
        return f'<b class="danger">{before}{passed}{after}</b><small>{stamp}</small>'

    return draw


def _owner(actor: Actor) -> Callable[[Row], str]:
    """The colleague responsible, where the lines are not all the reader's own."""
    users, drawn = actor.state.users, dict[Any, str]()
    word = escape(_("nobody"))
    nobody = f'<td class="st"><span class="mute">{word}</span></td>'

    def draw(row: Row) -> str:
        user = users.get(row.owner) if row.owner else None
        if user is None:
            return nobody
        if row.owner not in drawn:
            drawn[row.owner] = (
                f'<td class="st"><span class="us"><span class="av h{user.hue}" aria-hidden="true">'
                f'{escape(user.initials)}</span><span dir="auto">{escape(user.name)}</span></span></td>'
            )
        return drawn[row.owner]

    return draw


def _buttons() -> Callable[[str], str]:
    """Done, later, give: of the lines he may change."""
    done, later, give = (
        f'<button class="btn{look}" form="{form}" name="task" value="'
        for look, form in (("", "line-done"), (" ghost", "line-later"), (" ghost", "line-give"))
    )
    of_done, of_later, of_give = (
        f'">{escape(text)}</button>' for text in (_("Done"), _("Later"), _("Hand over"))
    )  # fmt: skip
    return lambda key: f"{done}{key}{of_done}{later}{key}{of_later}{give}{key}{of_give}"


def _plan() -> Callable[[str, str], str]:
    """The way to a next step of a card that is no task."""
    text = escape(_("Plan a step"))
    return lambda kind, key: f'<button class="btn" form="line-plan" name="about" value="{kind}:{key}">{text}</button>'

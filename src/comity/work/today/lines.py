"""The lines of Today as HTML, made by hand as the cells of lists are: a page has up to 120 of them."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode
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
    ticks, when, buttons = actor.seen_by is None, _when(actor), _buttons(whose)
    icons = {name: icon(name) for name in {row.icon for row in rows}}
    label, owner = escape(_("Select %(name)s")), _owner(actor) if not whose.mine else None

    def name(row: Row) -> str:
        hue = f" h{row.hue}" if row.hue else ""
        mark, facts = _urgent(actor, row, titles) if row is urgent else ("", "")
        sub, under = row.sub(titles), ""
        if sub:
            under = f'<a class="u" href="/{slugs[sub.type]}/{sub.id}" dir="auto">{escape(titles[sub])}</a>'
        if row.note and row.at:
            under += f' <span class="{row.tone or "mute"}">{escape(row.note)}</span>'
        under = under and f"<small>{under}</small>"
        return (
            f'<span class="nm"><span class="kd{hue}">{icons[row.icon]}</span><span>{mark}'
            f'<a href="/{slugs[row.ref.type]}/{row.ref.id}" dir="auto">{escape(row.title)}</a>'
            f"{under}{facts}</span></span>"
        )

    def line(row: Row, tick: bool) -> str:
        key, box = str(row.ref.id), ""
        if tick:
            named = label.replace("%(name)s", escape(row.title))
            box = f'<td><input type="checkbox" name="id" value="{key}" form="bulk" aria-label="{named}"></td>'
        mark = ' class="now"' if row is urgent else ""
        acts = buttons(key) if row.ref.id in doable else "".join(map(_act, row.acts)) or "<span></span>"
        return (
            f'<tr data-id="{key}"{mark}>{box}<td class="nmc" id="l-{key}">{name(row)}</td>'
            f'<td class="amt">{when(row)}</td>{owner(row) if owner else ""}<td class="nx">{acts}</td></tr>'
        )

    def draw(section: Section, some: Sequence[Row]) -> Markup:
        return Markup("\n".join([line(row, section.tasks and ticks) for row in some]))  # noqa: S704 - escaped

    return draw


def _urgent(actor: Actor, row: Row, titles: Mapping[RecordRef, str]) -> tuple[str, str]:
    """What stands before the words of the line that comes first of all, and what one needs to act on it."""
    found = first.context(actor, row, titles)
    note = f'<span class="said" dir="auto">{escape(found["note"])}</span>' if found["note"] else ""
    word = escape(_("Now"))  # apart: no tool finds a text within an f-string
    return f'<b class="nw">{word}</b> ', f'<span class="facts">{found["phones"]}{note}</span>'


def _when(actor: Actor) -> Callable[[Row], str]:
    """How late it is, when it is due; else the words beside it."""
    moment, zone, language = now(), ZoneInfo(actor.timezone), actor.language
    write, late = due_format(language, moment, actor.timezone), escape(_("%(time)s late"))

    def draw(row: Row) -> str:
        at = row.at
        if at is None:
            return f'<span class="pill">{escape(row.note)}</span>'
        text = escape(write(at, row.whole_day))
        stamp = f'<time datetime="{at.isoformat()[:16]}Z" class="num">{text}</time>'
        if at >= moment:
            return stamp
        passed = escape(how_late(at, row.whole_day, moment, zone, language))
        return f'<b class="danger">{late.replace("%(time)s", passed)}</b><small>{stamp}</small>'

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


def _buttons(whose: Whose) -> Callable[[str], str]:
    """Done, later, give: of the lines he may change."""
    words = escape(urlencode(whose.params()))
    query, more = (f"?{words}", f"&amp;{words}") if words else ("", "")
    done, later, give = (escape(text) for text in (_("Done"), _("Later"), _("Hand over")))

    def draw(key: str) -> str:
        own = f'hx-target="#l-{key}" hx-swap="beforeend"'
        return "".join([
            f'<a class="btn{kind}" href="/today/{url}" hx-get="/today/{url}" {target}>{text}</a>'
            for kind, url, target, text in (
                ("", f"{key}/done{query}", own, done),
                (" ghost", f"{key}/later{query}", own, later),
                (" ghost", f"give?id={key}{more}", 'hx-target="#dlg-body"', give),
            )
        ])  # fmt: skip

    return draw


def _act(act: Mapping[str, Any]) -> str:
    """A button of a line that is no task."""
    url = escape(act["url"])
    dialog = f' hx-get="{url}" hx-target="#dlg-body"' if act.get("dialog") else ""
    return f'<a class="btn" href="{url}"{dialog}>{escape(act["label"])}</a>'

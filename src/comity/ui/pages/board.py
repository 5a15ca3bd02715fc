"""The board of a type: its page, columns that go on, sums after the page, moves with their undo."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from comity.access import policy
from comity.access.actors import Actor
from comity.changes.bus import run
from comity.changes.colleagues import SavePreferences
from comity.changes.undo import Undo
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, NotFound, Problem
from comity.kernel.text import whole_number
from comity.records.conditions import Where
from comity.ui import board_sums, boards, cards, lists
from comity.ui.boards import Board, Lane, Sums
from comity.ui.pages import lists as list_pages
from comity.ui.pages.lists import Listing, count_words, type_by_slug
from comity.ui.render import Markup, done, fragment, fresh_key, html, is_fragment, page, panel
from comity.ui.views import View


class Shown(Listing):
    """What one address of a board asks for: the lane, and view and filter as in the list."""

    def __init__(self, request: HttpRequest, slug: str, query: QueryDict) -> None:
        """Raises NotFound where the type has no board, or none for him."""
        actor: Actor = request.actor  # type: ignore[attr-defined]
        record_type = type_by_slug(request, slug)
        super().__init__(actor, record_type, query)
        board = boards.open_to(actor, record_type.key)
        if board is None:
            raise NotFound()
        self.board: Board = board
        self.lanes = board.lanes(actor)
        wanted = query.get(board.by, "") if board.by else ""
        first = self.lanes[0] if self.lanes else Lane("", "", ())
        self.lane: Lane = next((one for one in self.lanes if one.key == wanted), first)
        self.list_url, self.url = self.url, f"/{slug}/board"

    def params(self, **changes: str) -> list[tuple[str, str]]:
        """The address of this board with changes."""
        found = super().params(**changes)
        if "view" not in changes and self.query.get("view") == self.views[0].key:
            found.insert(0, ("view", self.view.key))  # chosen: it stays though it is empty
        if self.board.by and self.lanes and self.lane is not self.lanes[0] and self.board.by not in changes:
            found.insert(0, (self.board.by, self.lane.key))
        return found

    def list_address(self) -> str:
        """The list with the same view and filter."""
        params = urlencode(super().params())
        return f"{self.list_url}{'?' if params else ''}{params}"

    def inside(self, view: View) -> Where:
        """A view's cards as far as they stand on this board."""
        here = boards.inside(self.board, self.lane)
        return {"all": [here, view.where]} if view.where else here

    def load(self, sizes: Mapping[str, int]) -> boards.Page:
        """The first cards of every column."""
        return boards.load(self.actor, self.board, self.where, self.lane.keys, sizes)

    def drawer(self, found: boards.Page) -> Callable[[Sequence[Mapping[str, Any]]], Markup]:
        """Draws its cards."""
        movable = self.actor.scope(self.type.key, "edit") != "none" or policy.shared_types(self.actor)
        return cards.drawer(self.actor, self.board, self.type, self.lane, found, now(), bool(movable))


def board_page(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: the board. For scripts: `part=totals` what comes after the cards, `part=board` the board as it is by now,
    `part=column` the next cards of `column` from `at` on."""
    shown = Shown(request, slug, request.GET)
    part = request.GET.get("part", "") if is_fragment(request) else ""
    if part == "totals":
        return fragment(request, "ui/fragments/board_totals.html", totals=_totals(shown))
    if part == "column":
        return _more(request, shown)
    found = shown.load(_sizes(shown, request.GET) if part == "board" else {})
    if not part and not any(found.columns.values()):
        shown, found = _with_cards(request, slug, shown, found)
    if part == "board":
        body = html("ui/fragments/board.html", {"board": _board(shown, found)})
        return HttpResponse(body + html("ui/fragments/board_totals.html", {"totals": _totals(shown), "swap": True}))
    return page(request, "ui/board.html", page=_page(shown, found), board=_board(shown, found))


def _with_cards(request: HttpRequest, slug: str, shown: Shown, found: boards.Page) -> tuple[Shown, boards.Page]:
    """Where the first view is empty and he asked for none: all cards, if there are any. A view he chooses stays."""
    if "view" in request.GET or "match" in request.GET or shown.view.key == "all":
        return shown, found
    query = request.GET.copy()
    query["view"] = "all"
    every = Shown(request, slug, query)
    cards_of_all = every.load({})
    return (every, cards_of_all) if any(cards_of_all.columns.values()) else (shown, found)


def _page(shown: Shown, found: boards.Page) -> dict[str, Any]:
    """What stands above the columns."""
    actor, record_type, board = shown.actor, shown.type, shown.board
    language = actor.language
    kind = list_pages.type_context(record_type, language, actor)
    return {
        "type": kind,
        "title": record_type.plural[language],
        "lane": shown.lane.label,
        "lanes": [
            {"label": one.label, "url": shown.address(**{board.by: one.key}), "current": one is shown.lane}
            for one in shown.lanes
        ],
        "ways": _ways(shown),
        "show_url": shown.address("/show"),
        "filter_url": f"{shown.list_url}filter?{urlencode([*shown.params(), ('in', 'board')])}",
        "new_url": _new_url(shown),
        "views": [
            {"key": view.key, "name": view.name, "url": _tab(shown, view),
             "current": view.key == shown.view.key, "shared": view.shared, "counted": view.counted}
            for view in shown.views
        ],
        "save_view_url": f"{shown.list_url}views/new?{urlencode([*shown.params(), ('in', 'board')])}",
        "chips": _chips(shown),
        "totals_url": shown.address(part="totals"),
        "figures": board.figures is not None,
        "tall": bool(actor.state.rates),  # several currencies: the figures need room for what they are made of
        "impossible": found.impossible,
    }  # fmt: skip


def _tab(shown: Shown, view: View) -> str:
    """A view of the same lane, without the filter that is set."""
    lane = [pair for pair in shown.params() if pair[0] == shown.board.by]
    return f"{shown.url}?{urlencode([*lane, ('view', view.key)])}"


def _ways(shown: Shown) -> list[dict[str, Any]]:
    """The ways to look at these cards: this board first, then the list."""
    ways = list_pages.ways(shown)
    for way in ways:
        way["current"] = way["url"].partition("?")[0] == shown.url and not way.get("current")
    if ways:
        ways[-1]["url"], ways[-1]["current"] = shown.list_address(), False
    return ways


def _chips(shown: Shown) -> list[Any]:
    """The filter as chips that lead back here."""
    if "match" not in shown.query:
        return []
    keep = [(name, value) for name, value in shown.params() if name in ("view", shown.board.by)]
    found = list_pages.filter_chips(shown, keep)
    edit = f"{shown.list_url}filter?{urlencode([*shown.params(), ('in', 'board')])}"
    return [chip | {"edit_url": edit} for chip in found]


def _board(shown: Shown, found: boards.Page) -> dict[str, Any]:
    """`board` of the template: the columns with their cards."""
    draw, language = shown.drawer(found), shown.actor.language
    columns = []
    for one in shown.lane.columns:
        at = found.more.get(one.key)
        columns.append({
            "key": one.key, "label": one.label, "hue": one.hue, "html": draw(found.columns.get(one.key, ())),
            "more": _more_link(shown, one.key, at) if at else None,
        })  # fmt: skip
    query = urlencode(shown.params())
    return {
        "columns": columns,
        "ends": shown.lane.ends,
        "label": shown.lane.label or shown.type.plural[language],
        "topics": shown.type.key,
        "live_url": shown.address(part="board"),
        "move_url": f"{shown.url}/move",
        "query": query,
        "slug": shown.type.slug,
        "texts": texts(),
        "empty": None if any(found.columns.values()) else _empty(shown),
    }


def _empty(shown: Shown) -> dict[str, Any]:
    """What stands in the first column of a board without cards."""
    if way_out := list_pages.leave_filter(shown):
        lane = [pair for pair in shown.params() if pair[0] == shown.board.by]
        url = way_out[1] + (f"&{urlencode(lane)}" if lane else "")
        return {"text": _("Nothing fits"), "label": way_out[0], "url": url}
    return {"text": _("No cards yet."), "label": _("Add the first one"), "url": _new_url(shown), "quick": True}


def _new_url(shown: Shown) -> str | None:
    """Where a new card is made that stands on this board, and that leads back to it."""
    if not shown.lanes or shown.actor.scope(shown.type.key, "create") == "none":
        return None
    handed = [(shown.board.by, shown.lane.key)] if shown.board.by else []
    return f"/{shown.type.slug}/new?{urlencode([*handed, ('next', shown.address())])}"


def texts() -> dict[str, str]:
    """What the script of the board says by itself."""
    return {
        "again": _("Try again"),
        "line": _("No connection. The card is back in its place."),
        "failed": _("That did not work. The card is back in its place."),
    }


def _more_link(shown: Shown, column: str, at: lists.Cursor) -> dict[str, str]:
    """The next cards of a column; without scripts the list of all of them."""
    here = [("match", "all"), ("f-0", shown.board.field), ("op-0", "any"), ("v-0", column)]
    return {"url": shown.address(part="column", column=column, at=at.text()),
            "list_url": f"{shown.list_url}?{urlencode(here)}"}  # fmt: skip


def _more(request: HttpRequest, shown: Shown) -> HttpResponse:
    """The next cards of one column."""
    column, at = request.GET.get("column", ""), lists.Cursor.parse(request.GET.get("at", ""))
    if column not in shown.lane.keys or at is None:
        raise NotFound()
    found = boards.load(shown.actor, shown.board, shown.where, [column], {}, at)
    place = found.more.get(column)
    return fragment(
        request, "ui/fragments/board_more.html", cards=shown.drawer(found)(found.columns[column]),
        more=_more_link(shown, column, place) if place else None,
    )  # fmt: skip


def _sizes(shown: Shown, query: QueryDict) -> dict[str, int]:
    """How many cards of each column are on the screen (`n-COLUMN`), in whole pages, so that none goes by a refresh."""
    found = {}
    for key in shown.lane.keys:
        text = query.get(f"n-{key}", "")
        number = int(text) if text.isdecimal() and len(text) < 5 else 0
        pages = max(1, -(-number // boards.PAGE))
        found[key] = min(boards.MOST, pages * boards.PAGE)
    return found


def _totals(shown: Shown, only: Sequence[str] = ()) -> dict[str, Any]:
    """What comes after the cards: heads of columns, figures, numbers in the tabs. `only`: heads of those columns."""
    sums = board_sums.sums(shown.actor, shown.board, shown.where, only or shown.lane.keys)
    context: dict[str, Any] = {"columns": [_head(shown, key, one) for key, one in sums.items()]}
    if not only:
        make = shown.board.figures
        context["figures"] = make(shown.actor, shown.lane, shown.view, sums) if make else []
        context["badges"] = [{"key": view.key, "number": _counted(shown, view)} for view in shown.views if view.counted]
    return context


def _counted(shown: Shown, view: View) -> str:
    number = lists.count(shown.actor, shown.type, shown.inside(view))
    return count_words(number, shown.type, shown.actor.language) if number else ""


def _head(shown: Shown, key: str, held: Sums) -> dict[str, Any]:
    """The head of a column: how many, what they are worth."""
    language = shown.actor.language
    text, beside = board_sums.together(shown.actor, [held.money]).written(language) if held.money else ("", "")
    return {"key": key, "number": count_words(held.number, shown.type, language), "sum": text, "beside": beside}


# --- moves -----------------------------------------------------------------------------------------------------------


def move(request: HttpRequest, slug: str) -> HttpResponse:
    """GET `id`: where the card may go, for who has no scripts. POST `id`, `version`, `to`: move it there."""
    data = request.POST if request.method == "POST" else request.GET
    shown = Shown(request, slug, QueryDict(data.get("query", "")))
    record_id = _uuid(data.get("id", ""))
    row = boards.head(shown.actor, shown.board, record_id)
    if row is None:
        raise NotFound()
    if request.method != "POST":
        return _menu(request, shown, row)
    to = request.POST.get("to", "")
    if to not in shown.lane.keys:
        if to not in {one.key for one in shown.lane.ends}:
            raise NotFound()
        return _ask(request, shown, record_id, to)
    before, version = str(row[shown.board.field]), whole_number(request.POST.get("version", ""))
    try:
        result = run(shown.actor, shown.board.move(record_id, version, to), key=request.POST.get("idempotency", ""))
    except Conflict:
        return _as_it_is(request, shown, record_id)
    except Problem as problem:
        if problem.status != 422:
            raise
        return _ask(request, shown, record_id, to, problem)
    undo = f"{shown.url}/undo/{result.event}?{urlencode({'query': urlencode(shown.params())})}" if result.event else ""
    label = next(one.label for one in shown.lane.columns if one.key == to)
    return _answer(request, shown, record_id, (before, to), _("Moved to “%(stage)s”.") % {"stage": label}, undo)


def _ask(request: HttpRequest, shown: Shown, record_id: UUID, to: str, problem: Problem | None = None) -> HttpResponse:
    """What is missing before the card may go there, or how it ends: the question of the room above."""
    url = f"{shown.board.asked(record_id, to)}&{urlencode({'next': shown.address()})}"
    if not is_fragment(request):
        return HttpResponseRedirect(url)
    why = {"text": str(problem), "tone": "bad"} if problem else None
    return fragment(request, "ui/fragments/board_ask.html", 422, toast=why, url=url)


def _as_it_is(request: HttpRequest, shown: Shown, record_id: UUID) -> HttpResponse:
    """Somebody else was there first: the card as it is now, and that it is so."""
    text = _("Someone else has changed this card meanwhile. It stands where it is now.")
    return _answer(request, shown, record_id, shown.lane.keys, text, status=409)


def _answer(
    request: HttpRequest, shown: Shown, record_id: UUID, columns: Sequence[str], text: str, undo: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The card as it is, the heads of the columns it left and entered, and the message."""
    if not is_fragment(request):
        return done(request, shown.address(), text, undo)
    row, found = boards.one(shown.actor, shown.board, record_id)
    here = row is not None and row[shown.board.field] in shown.lane.keys
    heads = _totals(shown, [key for key in dict.fromkeys(columns) if key in shown.lane.keys] or shown.lane.keys)
    toast = {"text": text, "undo_url": undo, "tone": "bad" if status >= 400 else ""}
    return fragment(
        request, "ui/fragments/board_card.html", status, toast=toast, id=str(record_id),
        card=shown.drawer(found)([row]) if here and row else "", totals=heads,
    )  # fmt: skip


def _menu(request: HttpRequest, shown: Shown, row: Mapping[str, Any]) -> HttpResponse:
    """Every column as a button, the ends, and the card itself."""
    back = {"label": shown.type.plural[shown.actor.language], "url": shown.address()}
    menu = {
        "title": row["title"], "url": f"{shown.url}/move", "id": str(row["id"]), "version": row["version"],
        "query": urlencode(shown.params()), "idempotency": fresh_key(),
        "columns": [one for one in shown.lane.columns if one.key != row[shown.board.field]],
        "ends": [{"end": one, "url": f"{shown.board.asked(row['id'], one.key)}&{urlencode({'next': shown.address()})}"}
                 for one in shown.lane.ends],
        "card_url": f"/{shown.type.slug}/{row['id']}",
    }  # fmt: skip
    return panel(request, "ui/fragments/board_menu.html", _("Move to"), back, menu=menu)


@require_POST
def undo(request: HttpRequest, slug: str, event_id: int) -> HttpResponse:
    """POST: take a move back, and show the card where it stands then."""
    shown = Shown(request, slug, QueryDict(request.GET.get("query", "")))
    result = run(shown.actor, Undo(event_id), key=f"undo-{event_id}-{request.POST.get('idempotency', '')}"[:80])
    return _answer(request, shown, result.record.id, shown.lane.keys, _("Taken back."))


def show(request: HttpRequest, slug: str) -> HttpResponse:
    """GET: what else the cards may show. POST `field`, a few of them: keep the choice."""
    shown = Shown(request, slug, request.GET)
    known = {spec.key: spec for spec, _level in boards.extras(shown.actor, shown.board, shown.type)}
    chosen = [spec.key for spec, _level in boards.chosen_extras(shown.actor, shown.board, shown.type)]
    most = max(boards.EXTRAS, len(chosen))  # as many as his layout has
    if request.method == "POST":
        picked = [key for key in request.POST.getlist("field") if key in known][:most]
        run(shown.actor, SavePreferences({"board": {shown.type.key: picked}}))
        return done(request, shown.address())
    language = shown.actor.language
    choices = [{"value": key, "label": spec.label[language]} for key, spec in known.items()]
    labels = (_("First field"), _("Second field"), _("Third field"), _("Fourth field"))[:most]
    fields = [
        {"key": "field", "id": f"i-field-{n}", "kind": "choice", "label": label, "choices": choices, "errors": [],
         "value": chosen[n] if n < len(chosen) else ""}
        for n, label in enumerate(labels)
    ]  # fmt: skip
    context = {"url": shown.address("/show"), "fields": fields}
    back = {"label": shown.type.plural[language], "url": shown.address()}
    return panel(request, "ui/fragments/board_show.html", _("Show on the cards"), back, show=context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None

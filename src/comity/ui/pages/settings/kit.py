"""What all settings pages share: their register, the list on the left, cards that save themselves, forms, questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from comity.access.actors import Actor, user_actor
from comity.changes.bus import Command, Result, run
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Problem
from comity.kernel.text import fold
from comity.records.labels import LANGUAGES
from comity.ui.cells import moment_format
from comity.ui.names import code_name
from comity.ui.render import done, fragment, fresh_key, is_fragment, page

ROOT = "/settings"
Card = dict[str, Any]
Cards = Callable[[HttpRequest, str], Sequence[Card]]
Act = Callable[[HttpRequest, str], HttpResponse]


@dataclass(frozen=True)
class SettingsPage:
    """A line of the left list.

    cards    (request, id of the item or "") -> what the page shows
    acts     what its forms and buttons do, by name; a form's page answers GET too
    permit   the further right it wants; without it the page is not there. "" = everybody
    shown    who finds it besides those with the permit
    words    further words the search of settings finds it by
    below    the page its items belong to (their key): it has no line of its own
    tabs     (request, id of the item or "") -> links that choose what the page shows, the chosen one marked "current"
    """

    key: str
    label: Callable[[], str]
    icon: str
    order: int  # of its line; below 100: for me, from 100: for the company
    cards: Cards
    acts: Mapping[str, Act] = field(default_factory=dict)
    permit: str = ""
    words: Callable[[], str] = lambda: ""
    intro: Callable[[], str] = lambda: ""
    item_title: Callable[[HttpRequest, str], str] | None = None  # None: the page has no items
    item_back: Callable[[HttpRequest, str], dict[str, str]] | None = None  # None: back to the page itself
    shown: Callable[[Actor], bool] | None = None
    below: str = ""
    tabs: Callable[[HttpRequest, str], Sequence[dict[str, Any]]] | None = None

    @property
    def company(self) -> bool:
        """Whether it is about the company, not about who reads it."""
        return self.order >= 100

    @property
    def url(self) -> str:
        """Its address."""
        return f"{ROOT}/{self.key}"

    def open_to(self, actor: Actor) -> bool:
        """Whether it is there for him."""
        if actor.state.off.hides(self.cards):
            return False
        return not self.permit or actor.permits(self.permit) or bool(self.shown and self.shown(actor))


_pages: dict[str, SettingsPage] = {}


def add(one: SettingsPage) -> SettingsPage:
    """Register a page; a key is registered once."""
    if one.key in _pages:
        raise ValueError(f"Settings page {one.key} exists already")
    _pages[one.key] = one
    return one


def pages_for(actor: Actor) -> list[SettingsPage]:
    """The pages that are there for him, in their order."""
    return sorted((one for one in _pages.values() if one.open_to(actor)), key=lambda one: one.order)


def actor_of(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def find(request: HttpRequest, key: str) -> SettingsPage:
    """The page of that key; NotFound when there is none for him."""
    found = _pages.get(key)
    if found is None or not found.open_to(actor_of(request)):
        raise NotFound()
    return found


# --- views -----------------------------------------------------------------------------------------------------------


def show(request: HttpRequest, key: str = "", item: Any = "") -> HttpResponse:
    """GET: a page of settings, or one of its items."""
    found = find(request, key) if key else pages_for(actor_of(request))[0]
    return _whole(request, found, str(item))


def act(request: HttpRequest, key: str, name: str, item: Any = "") -> HttpResponse:
    """What a form or button of a page does."""
    found = find(request, key)
    if name not in found.acts:
        raise NotFound()
    return found.acts[name](request, str(item))


def search(request: HttpRequest) -> HttpResponse:
    """GET `q`: the pages a word leads to."""
    query = request.GET.get("q", "").strip()
    wanted = fold(query).split()
    hits = []
    for one in pages_for(actor_of(request)):
        text = fold(f"{one.label()} {one.words()}")
        if wanted and not one.below and all(word in text for word in wanted):
            hits.append({"title": one.label(), "url": one.url, "text": one.words()})
    told = {"title": _("Find a setting"), "q": query, "hits": hits, "cards": []}
    return page(request, "ui/settings.html", page=told | _around(request, ""))


def _around(request: HttpRequest, current: str) -> dict[str, Any]:
    sections = []
    for company, label in ((False, _("For me")), (True, _("For the company"))):
        items = [
            {"label": one.label(), "url": one.url, "icon": one.icon, "current": one.key == current}
            for one in pages_for(actor_of(request))
            if one.company == company and not one.below
        ]
        if items:
            sections.append({"label": label, "items": items})
    return {"search_url": f"{ROOT}/find", "sections": sections, "whole": request.path.rstrip("/") == ROOT}


def _whole(
    request: HttpRequest, found: SettingsPage, item: str, replaced: Card | None = None, status: int = 200
) -> HttpResponse:
    if item and found.item_title is None:
        raise NotFound()
    cards = [replaced if replaced and card["key"] == replaced["key"] else card for card in found.cards(request, item)]
    title = found.item_title(request, item) if item and found.item_title else found.label()
    told: dict[str, Any] = {"title": title, "intro": "" if item else found.intro(), "cards": cards}
    if item:
        back = found.item_back(request, item) if found.item_back else {"label": found.label(), "url": found.url}
        told["back"] = back
    if found.tabs:
        told["tabs"] = found.tabs(request, item)
    return page(request, "ui/settings.html", status=status, page=told | _around(request, found.below or found.key))


# --- cards -----------------------------------------------------------------------------------------------------------


def card(key: str, title: str, **more: Any) -> Card:
    """A card (docs/ui-templates.md). `url` makes its fields one form that saves itself."""
    return {"key": key, "title": title, "idempotency": fresh_key(), "errors": [], "actions": [], **more}


def labels(name: str, label: str, held: Mapping[str, str] | None, *, limit: int = 80) -> list[dict[str, Any]]:
    """A text per language, posted as NAME-LANGUAGE: the reader's own first, the others folded."""
    mine = get_language() or "en"
    codes = sorted(LANGUAGES, key=lambda code: code != mine)
    return [
        {"key": name, "kind": "texts", "label": label, "value": dict(held or {}), "max_length": limit,
         "choices": [{"value": code, "label": code_name("language", code, code)} for code in codes]}
    ]  # fmt: skip


def posted_labels(request: HttpRequest, name: str) -> dict[str, str]:
    """What such fields brought."""
    return {code: request.POST.get(f"{name}-{code}", "") for code in LANGUAGES}


def flag(request: HttpRequest, name: str) -> bool:
    """A tick: the last of its values counts."""
    return (request.POST.getlist(name) or [""])[-1] == "1"


def many(request: HttpRequest, name: str) -> list[str]:
    """The chosen ones of a list of ticks."""
    return [value for value in request.POST.getlist(name) if value]


def posted(request: HttpRequest, *names: str) -> dict[str, str]:
    """The values that were on the form."""
    return {name: request.POST[name] for name in names if name in request.POST}


def do(request: HttpRequest, command: Command, part: int = 0) -> Result:
    """Run a command of a form, once; then who sent it is known anew, with what it changed."""
    if request.method != "POST":
        raise NotFound()
    actor, key = actor_of(request), request.POST.get("idempotency", "")
    result = run(actor, command, key=f"{key}.{part}" if key else "")
    if actor.user_id is not None:
        request.actor = user_actor(actor.user_id)  # type: ignore[attr-defined]
    return result


def save(
    request: HttpRequest, key: str, card_key: str, command: Command | Sequence[Command] | Callable[[], Command],
    item: str = "", after: Callable[[HttpResponse], None] | None = None, undo: Callable[[Result], str] | None = None,
) -> HttpResponse:  # fmt: skip
    """Carry out what a card's form says. Scripts get the card again, everybody else the page; wrong input stays.

    undo  what was done -> the address that takes it back
    """
    found = find(request, key)
    url, undo_url = f"{found.url}/{item}" if item else found.url, ""
    try:
        made = command() if callable(command) else command
        for part, one in enumerate(made if isinstance(made, Sequence) else [made]):
            result = do(request, one, part)
            undo_url = (undo and undo(result)) or undo_url
    except (Invalid, Conflict) as problem:
        wrong = refilled(_one(found.cards(request, item), card_key), request, problem)
        if is_fragment(request):
            return fragment(request, "ui/fragments/card.html", status=problem.status, card=wrong)
        return _whole(request, found, item, wrong, problem.status)
    if is_fragment(request):
        shown = _one(found.cards(request, item), card_key)
        response = fragment(request, "ui/fragments/card.html", toast={"text": _("Saved"), "undo_url": undo_url},
                            card=shown)  # fmt: skip
    else:
        response = done(request, url, _("Saved"), undo_url)
    if after is not None:
        after(response)
    return response


def press(request: HttpRequest, url: str, command: Command, text: str) -> HttpResponse:
    """Carry out a button, then go on to `url` and say `text`, or why it could not be done."""
    try:
        do(request, command)
    except Invalid as problem:
        reasons = [str(one) for texts in problem.fields.values() for one in texts]
        text = " ".join(reasons) or f"{problem.what} {problem.todo}"
    return done(request, url, text)


def _one(cards: Sequence[Card], key: str) -> Card:
    found = next((card for card in cards if card["key"] == key), None)
    if found is None:
        raise NotFound()
    return found


def refilled(made: Card, request: HttpRequest, problem: Problem) -> Card:
    """A card or form with what was typed and what is wrong with it."""
    fields = made.get("fields") or [one for group in made.get("groups", []) for one in group["fields"]]
    wrong = {key: [str(text) for text in texts] for key, texts in getattr(problem, "fields", {}).items()}
    summary = []
    for one in fields:
        key = one["key"]
        if one["kind"] == "multichoice":
            one["value"] = many(request, key)
        elif one["kind"] == "bool":
            one["value"] = flag(request, key)
        elif one["kind"] == "texts":
            one["value"] = posted_labels(request, key)
        elif key in request.POST:
            one["value"] = request.POST[key]
        one["errors"] = texts = wrong.pop(key, [])
        summary += [{"text": f"{one['label']}: {text}", "field_id": one.get("id", f"i-{key}")} for text in texts]
    summary += [{"text": text} for texts in wrong.values() for text in texts]
    made["errors"] = summary or [{"text": f"{problem.what} {problem.todo}"}]
    return made


# --- forms and questions ---------------------------------------------------------------------------------------------


def form(title: str, url: str, fields: list[dict[str, Any]], *, back: SettingsPage, submit: str, explain: str = "",
         back_url: str = "") -> dict[str, Any]:  # fmt: skip
    """A form of its own, for making something: nothing is saved before its button."""
    return {
        "title": title, "url": url, "submit_label": submit, "cancel_url": back_url or back.url,
        "idempotency": fresh_key(), "groups": [{"label": "", "help": explain, "fields": fields}], "errors": [],
        "back": {"label": back.label(), "url": back.url},
    }  # fmt: skip


def fill_in(
    request: HttpRequest, made: dict[str, Any], command: Callable[[], Command],
    finish: Callable[[Result], HttpResponse],
) -> HttpResponse:  # fmt: skip
    """GET shows the form, POST carries it out; wrong input stays on the form."""
    if request.method != "POST":
        return page(request, "ui/form.html", form=made)
    try:
        result = do(request, command())
    except (Invalid, Conflict) as problem:
        return page(request, "ui/form.html", status=problem.status, form=refilled(made, request, problem))
    return finish(result)


def ask(
    request: HttpRequest, title: str, text: str, submit: str, back_url: str,
    command: Command | Callable[[], Command], done_text: str, done_url: str = "",
    fields: Sequence[dict[str, Any]] = (), finish: Callable[[Result], HttpResponse] | None = None,
) -> HttpResponse:  # fmt: skip
    """A question before what many feel or what cannot be taken back: GET asks, POST does it. `fields` ask for more."""
    told = {"title": title, "text": text, "url": request.get_full_path(), "fields": list(fields), "hidden": [],
            "submit_label": submit, "cancel_url": back_url, "danger": True, "idempotency": fresh_key()}  # fmt: skip
    if request.method == "POST":
        try:
            result = do(request, command() if callable(command) else command)
        except (Invalid, Conflict) as problem:
            refilled(told, request, problem)
            if not getattr(problem, "fields", None):
                told["text"] = f"{problem.what} {problem.todo}"
        else:
            return finish(result) if finish else done(request, done_url or back_url, done_text)
    if is_fragment(request):
        return fragment(request, "ui/fragments/ask.html", ask=told)
    return page(request, "ui/ask_page.html", status=422 if request.method == "POST" else 200, ask=told)


def key_of(text: str) -> UUID:
    """A key out of an address; raises NotFound."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None


def moment(actor: Actor, at: datetime) -> str:
    """A moment in his language and zone."""
    return moment_format(actor.language, now(), actor.timezone)(at)


def act_url(owner: SettingsPage | str, name: str, item: Any = "", **query: str) -> str:
    """The address of what a form or button of a page does."""
    key = owner if isinstance(owner, str) else owner.key
    path = f"{ROOT}/{key}/{item}/do/{name}" if item else f"{ROOT}/{key}/do/{name}"
    return f"{path}?{urlencode(query)}" if query else path


def button(label: str, url: str, **more: Any) -> dict[str, Any]:
    """A link or button of a card or row; `method="post"` acts at once, `dialog=True` asks first."""
    return {"label": label, "url": url, **more}

"""A few plain sentences on the page one looks at. The longest address that fits decides; rooms above may add theirs.

The texts are in the catalogues like all others: a translator finds each with its page beside it.
"""

from collections.abc import Callable

from django.utils.translation import gettext as _

Text = Callable[[], str]
_texts: dict[str, Text] = {}
CARD, BOARD, NEW, EDIT = "*/card", "*/board", "*/new", "*/edit"  # of cards of any kind


def add(address: str, text: Text) -> None:
    """Register what is said of the pages below an address; each address once."""
    if address in _texts:
        raise ValueError(f"Help on {address} exists already")
    _texts[address] = text


def text_of(path: str, slugs: frozenset[str]) -> str:
    """The help on a page; `slugs`: the first words of the addresses of cards."""
    parts = [part for part in path.split("/") if part]
    for length in range(len(parts), 0, -1):
        found = _texts.get("/" + "/".join(parts[:length]))
        if found is not None and not (length == 1 and len(parts) > 1 and parts[0] in slugs):
            return found()
    if parts and parts[0] in slugs:
        return _texts[_kind(parts[1:])]()
    return _texts["/"]()


def _kind(rest: list[str]) -> str:
    if not rest:
        return "*"
    if rest[0] in ("board", "new"):
        return f"*/{rest[0]}"
    return EDIT if rest[-1] == "edit" else CARD


add("/", lambda: _(
    "The menu leads to everything you work with. Press Ctrl K to find a card or do something from anywhere; the "
    "question mark shows all keys. Whatever you change by mistake can be undone: in the message below, and in the "
    "story of the card."))  # fmt: skip
add("/today", lambda: _(
    "What is to be done today, what is late, and which open cards have no next step. Each line can be done, put off or "
    "given to a colleague right here. Finish a task and say what comes next: so no client is forgotten."))  # fmt: skip
add("/calendar", lambda: _(
    "Your tasks and meetings by day, week and month. Drag one to another time, or open it to choose the time by hand. "
    "Colleagues’ calendars are seen as far as your rights reach."))  # fmt: skip
add("/tasks", lambda: _(
    "All tasks you may see. Filters and the columns you choose can be saved as a view of your own. Select several with "
    "X to give them to somebody together."))  # fmt: skip
add("/search", lambda: _(
    "Type a part of a name, a phone number or an e-mail address. What you may not see is not found. Words typed "
    "on another keyboard layout and small slips are understood where few cards fit."))  # fmt: skip
add("/notices", lambda: _(
    "What has happened that concerns you. Each kind of notice can be switched off where it appears, and on again in "
    "your settings."))  # fmt: skip
add("/trash", lambda: _(
    "Cards that were put away. They come back with everything that hung on them. Whether they stay here for ever or "
    "for a term is said above; what was deleted for good does not come back."))  # fmt: skip
add("/reports", lambda: _(
    "Figures over a time you choose, counted from the cards you may see. Each figure opens the cards behind it, and "
    "each report can be taken away as a file where your role allows it."))  # fmt: skip
add("/duplicates", lambda: _(
    "Pairs of cards that are likely about the same. Compare them side by side and merge them, or say that they are "
    "different. A merge can be undone for 30 days."))  # fmt: skip
add("/merge", lambda: _(
    "Two cards become one: choose what stays of each field. Links, files, tasks and the story of both come together. "
    "For 30 days it can be undone, and both are there again."))  # fmt: skip
add("/import", lambda: _(
    "Cards out of a file of another program. First you see what would be made, changed and refused, and why; nothing "
    "is written before you say so. A whole import can be undone later."))  # fmt: skip
add("/handover", lambda: _(
    "All clients of a colleague go to others, with their deals and tasks. You see beforehand who gets what, and can "
    "take it all back."))  # fmt: skip
add("/exports", lambda: _(
    "Lists taken away as files: choose the columns and the kind of file. A large one is made in the background. Each "
    "is kept for a day, for you alone. Every export is noted with your name, its filter and how many cards it "
    "has."))  # fmt: skip
add("/support", lambda: _(
    "What somebody who helps you from outside needs to know: versions, settings, numbers and kinds of errors. Read it "
    "here before you give it away; nothing is sent anywhere."))  # fmt: skip
add("/api", lambda: _(
    "How programs read and change what you may. The examples are made from your own kinds of cards and their fields. "
    "A token from your settings is all they need."))  # fmt: skip
add("/access", lambda: _(
    "A card you can’t see may be opened to you until a day. Say what you need it for; whoever is responsible decides. "
    "When the day is over the access ends by itself."))  # fmt: skip
add("*", lambda: _(
    "All cards of this kind that you may see. Filter them, choose the columns, sort by a click on a head, and save all "
    "of that as a view. A click on a cell changes it in place; X selects, for a change of many at once."))  # fmt: skip
add(BOARD, lambda: _(
    "Each card stands in its column. Drag it on, or use the menu of the card, or Shift and an arrow. Late deals stand "
    "on top; won and lost appear while you drag one."))  # fmt: skip
add(NEW, lambda: _(
    "Fill in what you know; the rest can come later. While you type, likely duplicates are shown. What you have typed "
    "is kept even if the page is closed."))  # fmt: skip
add(EDIT, lambda: _(
    "All fields of the card on one page. If a colleague changes it meanwhile, you see both versions and nothing is "
    "overwritten. What you have typed is kept even if the page is closed."))  # fmt: skip
add(CARD, lambda: _(
    "What is known is on one side, its story in the middle, what belongs to it on the other. A click on a value "
    "changes it. Plan the next step above the story. Share, open for a time, history and trash are behind the three "
    "dots."))  # fmt: skip
add("/settings", lambda: _(
    "What concerns you stands on top, what concerns the company below, as far as you may change it. Most pages save "
    "each change by themselves. The search above finds a setting by any word."))  # fmt: skip
add("/settings/fields", lambda: _(
    "Fields of your own stand in forms, lists, filters, search and exports at once. A field can be renamed or archived "
    "without losing what is in it."))  # fmt: skip
add("/settings/types", lambda: _(
    "Kinds of cards of your own, such as properties or vehicles. Each has its list, form, rights, search and import as "
    "soon as it is made; add its fields next. An archived kind is out of sight, and its cards stay."))  # fmt: skip
add("/settings/tokens", lambda: _(
    "A token lets a program work with your rights, or with a part of them. It is shown once, so copy it right away. "
    "End it here when it is no longer needed."))  # fmt: skip
add("/settings/webhooks", lambda: _(
    "Another program is told at once of what happens here, with a signature. It hears only what the colleague sees "
    "with whose rights the webhook works. What does not arrive is tried again for three days; the log shows every "
    "message and can send it again."))  # fmt: skip
add("/settings/roles", lambda: _(
    "A role says which cards its holders see, change, delete and take away, and which fields they read. Rights of "
    "several roles add up. “See as” on a colleague’s page shows the product through his eyes."))  # fmt: skip
add("/settings/rules", lambda: _(
    "A rule opens cards that fit a condition to a role, a team or a colleague, besides what roles give. Whoever "
    "changes a card so that it no longer fits closes it at once. A rule never takes anything away."))  # fmt: skip
add("/settings/openings", lambda: _(
    "Cards that are open to somebody until a day, and why. It ends by itself. You can take back what you have opened "
    "before that, with one click."))  # fmt: skip
add("/settings/layouts", lambda: _(
    "Choose what shows on cards, in lists, on boards and in the menu, and in which order. A role or a team may have a "
    "layout of its own. The preview shows what they see. Each change can be taken back in “Changes of settings”."
))  # fmt: skip
add("/settings/modules", lambda: _(
    "Switch off what you do not need: menu, pages and fields become fewer for everybody. No data is lost; switch it on "
    "and everything is there again."))  # fmt: skip
add("/settings/branches", lambda: _(
    "The firms yours consists of, with their numbers and accounts as papers need them. They are checked by the rules "
    "of the country, so that a wrong digit is seen here and not by a client."))  # fmt: skip
add("/settings/pipelines", lambda: _(
    "The ways deals go. Each stage may demand fields and files before a deal leaves it, and plan tasks when one comes "
    "in. A stage that is retired hands its deals on to another one."))  # fmt: skip

"""What webhooks must keep true whenever they are written, and how their changes are told."""

from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.access import policy
from comity.access.actors import Actor
from comity.api.webhooks import catalogue
from comity.api.webhooks.model import HOOK, Webhook
from comity.api.webhooks.state import owner_of
from comity.changes.bus import Work
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type
from comity.kernel import http
from comity.kernel.errors import Invalid, Problem
from comity.kernel.text import listed
from comity.records.conditions import BadCondition, compile_q
from comity.records.types import RecordType
from comity.ui.pages.settings import changed

MOST = 100  # webhooks of one owner
SETTING = "webhook"


def check_reachable(url: str) -> None:
    """Refuse (Invalid, field "url") an address no message could be sent to. It asks the name servers: never call it
    inside a write transaction. Each sending looks again."""
    try:
        _check_form(url)
        http.check_address(url)
    except Problem as problem:
        raise Invalid(fields={"url": [f"{problem.what} {problem.todo}"]}) from problem


def _check_form(url: str) -> None:
    if not url.lower().startswith("https://"):
        raise Invalid(_("The address starts with https:// so that nobody reads along."), todo="")
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if not host or not url.isprintable() or " " in url:
        raise Invalid(_("This is not a web address."), todo="")


def may_write(actor: Actor, row: Row) -> bool:
    """An administrator; whoever changes settings, those with his own rights; a program, what it has subscribed.

    Another's webhook sends with another's rights: to turn its address would be to read with them.
    """
    if actor.administrator:
        return True
    mine = bool(row.owner_id == actor.user_id)
    return mine if row.source == HOOK else actor.permits("settings") and (mine or row.owner_id is None)


def _check(work: Work, row: Row, before: Values) -> None:
    actor, wrong = work.actor, Wrong()
    row.name = " ".join(row.name.split())
    if not row.name:
        wrong.add("name", _("Fill this in."))
    _check_url(row, wrong)
    owner = actor.state.users.get(row.owner_id)
    if owner is None or not (owner.active or before.get("owner_id") == str(row.owner_id)):
        wrong.add("owner", _("Choose a colleague who works here."))
    elif owner.id != actor.user_id and not actor.administrator:
        wrong.add("owner", _("Only an administrator lets a webhook act with another’s rights."))
    if not before and Webhook.objects.filter(owner_id=row.owner_id).count() >= MOST:
        text = ngettext("There may be %(n)s webhook at most.", "There may be %(n)s webhooks at most.", MOST)
        wrong.add("name", text % {"n": MOST})
    _check_events(row, before, wrong)
    _check_condition(actor, row, before, wrong)
    wrong.stop()


def _check_url(row: Row, wrong: Wrong) -> None:
    try:
        _check_form(row.url)
    except Invalid as problem:
        wrong.add("url", str(problem.what))


def _check_events(row: Row, before: Values, wrong: Wrong) -> None:
    given = list(dict.fromkeys(map(str, row.events))) if isinstance(row.events, list) else [""]
    if not set(given) <= {*catalogue.offered(), *before.get("events", ())}:
        wrong.add("events", _("Choose one of the list."))
    if not given:
        wrong.add("events", _("Choose at least one."))
    row.events = given


def _check_condition(actor: Actor, row: Row, before: Values, wrong: Wrong) -> None:
    if row.type_key and row.type_key not in actor.state.record_types and before.get("type_key") != row.type_key:
        wrong.add("type_key", _("Choose one of the list."))
        return
    if before and before["type_key"] != row.type_key:
        row.where = {}  # it spoke of other cards
    if not row.where or (before.get("where"), before.get("owner_id")) == (row.where, str(row.owner_id)):
        return
    record_type, owner = actor.state.record_types.get(row.type_key), owner_of(row, actor.state)
    if record_type is None or owner is None or not fits(owner, record_type, row.where):
        wrong.add("where", _("The condition asks for what these cards do not have, or what the webhook’s owner may not "
                             "read."))  # fmt: skip


def fits(owner: Actor, record_type: RecordType, where: Any) -> bool:
    """Whether a condition can be judged with the owner's rights."""
    try:
        compile_q(where, policy.condition_scope(owner, record_type))
    except BadCondition:
        return False
    return isinstance(where, dict)


def _goes(work: Work, row: Row) -> None:
    """Its log and its keys go with it."""


register_type(SettingType(
    SETTING, Webhook, ("name", "url", "events", "type_key", "where", "owner"), "settings", lambda row: row.name,
    _check, allowed=may_write, removed=_goes,
))  # fmt: skip


def _text(actor: Actor, name: str, value: Any) -> str | None:
    if name == "events":
        return listed((catalogue.name(key) for key in value or ()), actor.language)
    if name == "type_key":
        record_type = actor.state.record_types.get(value or "")
        return record_type.plural[actor.language] if record_type else _("All")
    if name == "off_reason":
        return {"gone": _("The address is gone"), "failing": _("Nothing but failure for days")}.get(value)
    if name == "secret":
        return _("Made anew") if value else ""
    if name == "token_id":
        return _("Set")
    if name == "source":
        return _("A program") if value == HOOK else _("A colleague")
    if name == "where":
        return _("Set") if value else _("None")
    return None


changed.add(SETTING, changed.Words(
    lambda: {
        "url": _("Address"), "events": _("Events"), "type_key": _("Cards"), "where": _("Condition"),
        "owner_id": _("With whose rights"), "active": _("In use"), "off_reason": _("Why it is off"),
        "secret": _("Secret"), "source": _("Made by"), "scopes": _("What the token allows"), "token_id": _("Token"),
    }, _text,
))  # fmt: skip

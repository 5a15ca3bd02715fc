"""What became of a message, in plain words."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from comity.api.webhooks.model import HOOK, WAITING, Delivery, Webhook


def state_of(one: Delivery) -> str:
    """Where a message stands."""
    if tried(one):
        return _("To be tried again")
    return {
        "waiting": pgettext("of a message", "Waiting"), "sent": pgettext("of a message", "Arrived"),
        "failed": pgettext("of a message", "Failed"), "dropped": pgettext("of a message", "Not sent"),
    }[one.state]  # fmt: skip


def tried(one: Delivery) -> bool:
    """Whether it waits for another try: one under way is counted already, but has not come to an end."""
    return one.state == WAITING and one.tries > (one.lease_until is not None)


def error_of(one: Delivery) -> str:
    """Why it did not arrive; "" when it did, or nobody has tried."""
    return {
        "address": _("The address leads to no server that may be called"),
        "unreachable": _("The server did not answer in time"),
        "redirect": _("The server sends on to another address; that is not followed"),
        "refused": _("The server refused the message"),
        "server": _("The server had an error of its own"),
        "gone": _("The server says that the address is gone"),
        "inside": _("The message could not be written; the log of the server says why"),
        "off": _("The webhook was switched off"),
        "owner": _("The colleague with whose rights it acts is switched off"),
        "token": _("The token that asked for it no longer works"),
        "closed": _("The card does not fit the condition any more, or its owner no longer sees it"),
    }.get(one.error, "")  # fmt: skip


def status(row: Webhook, owner_works: bool) -> str:
    """Whether a webhook works."""
    if row.active:
        return _("In use") if owner_works else _("Stands still: the colleague is switched off")
    return {
        "gone": _("Switched off: the address is gone"),
        "failing": _("Switched off after days of nothing but failure"),
    }.get(row.off_reason) or pgettext("of a webhook", "Switched off")


def host(row: Webhook) -> str:
    """The server of a webhook: what stands behind it in the address may be secret."""
    return urlsplit(row.url).netloc


def maker(row: Webhook) -> str:
    """Who made it."""
    return _("A program") if row.source == HOOK else _("A colleague")

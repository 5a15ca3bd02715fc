"""What stands where in the archive, and what is not in it and why."""

import re
from typing import Any

from django.apps import apps
from django.db.models import Model

from comity.records.models import ContactPoint, Record, TagLink
from comity.timeline.models import EventSubject

FORMAT, VERSION = "comity-base", 1
MANIFEST = "manifest.json"
CARD_NAME = re.compile(r"cards/([a-z][a-z0-9_]{0,39})\.jsonl")
TABLE_NAME = re.compile(r"tables/([a-z]+\.[a-z]+)\.jsonl")
FILE_NAME = re.compile(r"files/([0-9a-f]{64})")

# Secrets, logins and drafts of persons; what a running installation works out or does by itself.
LEFT_OUT = {
    "identity.session": "logins end with the installation",
    "identity.apitoken": "tokens are secrets",
    "identity.onetimelink": "invitations are secrets",
    "identity.loginfailure": "of passing use",
    "api.webhook": "sends to other programs, signed with a secret",
    "api.webhookkey": "secrets",
    "api.webhookstate": "of the webhooks",
    "api.delivery": "of the webhooks",
    "kernel.job": "work in progress",
    "kernel.schedule": "work in progress",
    "kernel.stamp": "of the running processes",
    "changes.cursor": "of the running processes",
    "changes.undelivered": "work in progress",
    "changes.answered": "of passing use",
    "changes.recount": "work in progress",
    "exchange.scan": "work in progress",
    "exchange.export": "files on their way out",
    "records.fielduse": "counted anew",
    "search.searchdoc": "made anew",
    "search.duplicatekey": "made anew",
    "ui.draft": "of passing use",
}  # fmt: skip
# Told within the lines of the card or event they belong to.
INSIDE = frozenset(model._meta.label_lower for model in (ContactPoint, TagLink, EventSubject))
SECRET_COLUMNS = {"identity.user": frozenset({"password"})}
# Settings first: whoever reads the archive line by line knows the fields before the cards.
FIRST = (
    "identity.organization", "identity.team", "identity.user", "identity.membership", "access.role",
    "records.customtype", "records.customfield",
)  # fmt: skip
LAST = ("timeline.event",)


def tables() -> list[type[Model]]:
    """The tables that stand in the archive line by line, in its order; cards are not among them."""
    found = {
        model._meta.label_lower: model for model in apps.get_models(include_auto_created=True)
        if model.__module__.startswith("comity.") and model._meta.managed and not issubclass(model, Record)
    }  # fmt: skip
    kept = {key: model for key, model in found.items() if key not in LEFT_OUT and key not in INSIDE}
    rest = sorted(kept.keys() - set(FIRST) - set(LAST))
    return [kept[key] for key in (*FIRST, *rest, *LAST)]


def card_models() -> list[type[Record]]:
    """The tables of cards."""
    found = [model for model in apps.get_models() if issubclass(model, Record) and model._meta.managed]
    return sorted(found, key=lambda model: model._meta.label_lower)


def columns(model: type[Model]) -> dict[str, Any]:
    """The columns of a table that are told, by their names: without those the base works out, and secrets."""
    secret = SECRET_COLUMNS.get(model._meta.label_lower, frozenset())
    return {
        field.attname: field for field in model._meta.concrete_fields
        if not getattr(field, "generated", False) and field.attname not in secret
    }  # fmt: skip


def table_name(model: type[Model]) -> str:
    """Where a table stands in the archive."""
    return f"tables/{model._meta.label_lower}.jsonl"


def card_name(type_key: str) -> str:
    """Where the cards of a type stand."""
    return f"cards/{type_key}.jsonl"

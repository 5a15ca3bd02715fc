"""What the journal tells: to the story of the person, to other programs."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.changes.bus import Work
from comity.changes.undo import way
from comity.parties.consents.commands import TakeBackConsent
from comity.parties.consents.journal import day_text, value_name
from comity.parties.consents.options import PURPOSES
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register


def _words(payload: Payload, actor: Actor) -> dict[str, str]:
    return {
        "purpose": value_name(actor, PURPOSES.key, payload["purpose"]),
        "day": day_text(date.fromisoformat(payload["day"]), actor.language),
    }


register(EventType(
    "consent.given", lambda p, a: _("noted the consent “%(purpose)s”, given on %(day)s") % _words(p, a),
    icon="circle-check", undo="consent", webhook=lambda: _("A consent is noted"),
))  # fmt: skip
register(EventType(
    "consent.withdrawn", lambda p, a: _("noted that the consent “%(purpose)s” was withdrawn on %(day)s") % _words(p, a),
    icon="circle-x", undo="consent", webhook=lambda: _("A withdrawn consent is noted"),
))  # fmt: skip
register(EventType(
    "consent.taken_back",
    lambda p, a: _("took back the entry about the consent “%(purpose)s” of %(day)s") % _words(p, a),
    icon="arrow-back-up", webhook=lambda: _("An entry about a consent is taken back"),
))  # fmt: skip


@way("consent")
def _take_back(work: Work, event: Event) -> None:
    TakeBackConsent(UUID(event.payload["consent"])).apply(work)

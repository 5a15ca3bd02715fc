"""Access for a term: cards opened to a colleague or a team until a day, with the reason; asked for, answered, ended.

Nobody needs to end a term: access.policy judges it at each reading. The job here tells that it has ended, and tidies.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import gettext as _

from comity.access import policy
from comity.access.actors import Actor, system, user_actor
from comity.access.models import AccessRequest, Share
from comity.changes import batch, writer
from comity.changes.bus import Command, Work, automatable, run
from comity.changes.commands import type_of
from comity.changes.undo import way
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany, too_long
from comity.kernel.text import clean
from comity.records.models import RecordRef
from comity.records.types import RecordType
from comity.timeline.models import Event
from comity.timeline.types import EventType, Payload, register

ACT = "open"
LONGEST = timedelta(days=366)
REASON = 200  # characters
A_DAY = 20  # how often one may ask within a day
ENDED_AT_ONCE = 200
Held = list[Any]  # [level, until as ISO text, reason] of an opening in an event


def day_of(until: datetime, actor: Actor) -> date:
    """The last day of a term, where the actor lives."""
    return (until - timedelta(seconds=1)).astimezone(ZoneInfo(actor.timezone)).date()


def end_of(raw: str, actor: Actor) -> datetime:
    """The moment at which a term to the end of that day ends; raises Invalid."""
    try:
        last = date.fromisoformat(raw.strip())
        until = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(actor.timezone))
    except (ValueError, OverflowError):
        raise Invalid(fields={"until": [_("Choose a day.")]}) from None
    if until <= now():
        raise Invalid(fields={"until": [_("Choose today or a later day.")]})
    if until > now() + LONGEST:
        text = _("Choose a day within a year. What is to stay open longer is shared for good.")
        raise Invalid(fields={"until": [text]})
    return until


def _reason(raw: str) -> str:
    text = " ".join(clean(raw).split())
    if not text:
        raise Invalid(fields={"reason": [_("Say in a few words why.")]})
    if len(text) > REASON:
        raise Invalid(fields={"reason": [too_long(len(text), REASON)]})
    return text


def _held(share: Share) -> Held:
    assert share.until is not None  # noqa: S101 - of a term
    return ["edit" if share.edit else "view", share.until.isoformat(), share.reason]


@automatable
@dataclass
class OpenCard:
    """Open a card to a colleague or a team to the end of a day; a term they have already is changed."""

    key: ClassVar[str] = "access.open"
    type_key: str
    record_id: UUID
    user_id: UUID | None
    team_id: UUID | None
    level: str  # view | edit
    until: str  # the last day, ISO
    reason: str

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid."""
        actor = work.actor
        until, reason = end_of(self.until, actor), _reason(self.reason)
        record_type = _shareable(actor, self.type_key, self.record_id)
        state = actor.state
        member = state.users.get(self.user_id) if self.user_id else None
        known = (member is not None and member.active) if self.team_id is None else self.team_id in state.teams
        if not known or (self.user_id and self.team_id) or self.level not in ("view", "edit"):
            raise Invalid(fields={"with": [_("Choose a colleague or a team.")]})
        if self.level == "edit":
            policy.get(actor, record_type, self.record_id, "edit")  # nobody gives what he has not
        share = _terms(self.type_key, self.record_id, self.user_id, self.team_id).first()
        before = _held(share) if share and share.until and share.until > now() else None
        share = share or Share(type_key=record_type.key, record_id=self.record_id, user_id=self.user_id,
                               team_id=self.team_id)  # fmt: skip
        share.edit, share.until, share.reason = self.level == "edit", until, reason
        share.created_at, share.created_by = now(), actor.user_id
        if before != _held(share):
            share.save()
            _tell(work, "access.opened", share, before, _held(share))


@automatable
@dataclass
class CloseCard:
    """Take an opening back before its term: whoever gave it, who may share the card, who keeps the roles."""

    key: ClassVar[str] = "access.close"
    share_id: UUID

    def apply(self, work: Work) -> None:
        """Raises NotFound."""
        share = Share.objects.select_for_update().filter(pk=self.share_id, until__isnull=False).first()
        if share is None or not may_close(work.actor, share):
            raise NotFound()
        _tell(work, "access.closed", share, _held(share), None)
        share.delete()


def may_close(actor: Actor, share: Share) -> bool:
    """Whether he may take an opening back."""
    if actor.permits("roles") or (actor.user_id is not None and share.created_by == actor.user_id):
        return True
    record_type = actor.state.record_types.get(share.type_key)
    return record_type is not None and policy.find(actor, record_type, share.record_id, "share") is not None


@dataclass
class AskForAccess:
    """Ask to be let see a card whose address he has. Whatever the address leads to, he is answered the same."""

    key: ClassVar[str] = "access.ask"
    type_key: str
    record_id: UUID
    reason: str

    def apply(self, work: Work) -> None:
        """Raises Refused, Invalid, TooMany; never tells whether there is such a card."""
        actor, reason = work.actor, _reason(self.reason)
        if actor.user_id is None:
            raise Refused()
        asked = AccessRequest.objects.filter(user=actor.user_id, asked_at__gt=now() - timedelta(days=1))
        if asked.filter(type_key=self.type_key, record_id=self.record_id, answer="").exists():
            return
        if asked.count() >= A_DAY:
            raise TooMany(_("You have asked for many cards today."), retry_after=3600)
        request = AccessRequest(user_id=actor.user_id, type_key=self.type_key[:40], record_id=self.record_id,
                                reason=reason, asked_at=now())  # fmt: skip
        record_type = actor.state.record_types.get(self.type_key)
        record = record_type.rows.filter(pk=self.record_id, deleted_at=None).first() if record_type else None
        if record is not None and record_type is not None and policy.find(actor, record_type, record.pk) is None:
            request.told = [str(one) for one in _answering(actor, record_type, record)]
        request.save(force_insert=True)
        if request.told:
            payload = {"request": str(request.pk), "told": request.told}
            work.tell("access.asked", RecordRef(self.type_key, self.record_id), payload)
            work.result.records.clear()  # the answer is the same as to an address of nothing


@dataclass
class AnswerRequest:
    """Open the card asked for until a day, or refuse (`level` "")."""

    key: ClassVar[str] = "access.answer"
    request_id: UUID
    level: str  # "" | view | edit
    until: str = ""
    reason: str = ""

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict when a colleague was quicker."""
        request = AccessRequest.objects.select_for_update().filter(pk=self.request_id).first()
        if request is None:
            raise NotFound()
        _shareable(work.actor, request.type_key, request.record_id)
        if request.answer:
            raise Conflict(_("A colleague has answered this already."), kept=_("The answer stays as it is."))
        request.answer, request.answered_at = self.level or "refused", now()
        request.answered_by = work.actor.user_id
        request.save(update_fields=["answer", "answered_at", "answered_by"])
        ref = RecordRef(request.type_key, request.record_id)
        if self.level:
            opened = OpenCard(ref.type, ref.id, request.user_id, None, self.level, self.until,
                              self.reason or request.reason)  # fmt: skip
            opened.apply(work)
        else:
            work.tell("access.refused", ref, {"user": str(request.user_id)})


def question(actor: Actor, request_id: UUID) -> AccessRequest:
    """A request that is his to answer: he may share the card. Raises NotFound."""
    request = AccessRequest.objects.filter(pk=request_id).first()
    record_type = actor.state.record_types.get(request.type_key) if request else None
    if request is None or record_type is None:
        raise NotFound()
    if policy.find(actor, record_type, request.record_id, "share") is None:
        raise NotFound()
    return request


def _shareable(actor: Actor, type_key: str, record_id: UUID) -> RecordType:
    record_type = type_of(actor, type_key)
    writer.held(actor, record_type, record_id, "share")
    return record_type


def _answering(actor: Actor, record_type: RecordType, record: Any) -> list[UUID]:
    """Who is asked: the one responsible, else who leads the team or one above it, else the administrators."""
    state = actor.state

    def may_share(user_id: UUID) -> bool:
        member = state.users.get(user_id)
        if member is None or not member.active:
            return False
        return policy.find(user_actor(user_id, state), record_type, record.pk, "share") is not None

    if record.owner_id and may_share(record.owner_id):
        return [record.owner_id]
    team = record.team_id
    while team in state.teams:
        leads = [user for user, places in state.memberships.items() if (team, True) in places and may_share(user)]
        if leads:
            return leads
        team = state.teams[team].parent_id
    return [user.id for user in state.users.values() if user.administrator and may_share(user.id)]


def _terms(type_key: str, record_id: UUID, user_id: UUID | None, team_id: UUID | None) -> Any:
    shares = Share.objects.select_for_update().filter(type_key=type_key, record_id=record_id, until__isnull=False)
    return shares.filter(user=user_id, team=team_id)


def _tell(work: Work, event_type: str, share: Share, before: Held | None, after: Held | None) -> None:
    payload = {"user": str(share.user_id or ""), "team": str(share.team_id or ""), "before": before, "after": after}
    work.tell(event_type, RecordRef(share.type_key, share.record_id), payload)


@dataclass
class EndTerms:
    """Tell of the terms that are over, and forget them. result.data: {"ended": how many}."""

    key: ClassVar[str] = "access.end"

    def apply(self, work: Work) -> None:
        """At most ENDED_AT_ONCE of them."""
        over = Share.objects.select_for_update().filter(until__lte=now()).order_by("until", "id")[:ENDED_AT_ONCE]
        ended = list(over)
        for share in ended:
            _tell(work, "access.ended", share, _held(share), None)
        Share.objects.filter(pk__in=[share.pk for share in ended]).delete()
        work.result.data["ended"] = len(ended)


@jobs.schedule("changes.end_openings", every=60)
def _end(args: dict[str, Any], beat: jobs.Beat) -> None:
    while Share.objects.filter(until__lte=now()).exists():
        run(system("access"), EndTerms())
        beat()


# --- many cards at once -----------------------------------------------------------------------------------------------


def _open_many(record_id: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    user, team = arguments["user"], arguments["team"]
    return [OpenCard(arguments["type"], record_id, UUID(user) if user else None, UUID(team) if team else None,
                     arguments["level"], arguments["until"], arguments["reason"])]  # fmt: skip


batch.add_act(ACT, _open_many)


# --- how it is told ---------------------------------------------------------------------------------------------------


def whom(state: Any, payload: Payload) -> str:
    """The name of who it was opened to."""
    names = [user.name for key, user in state.users.items() if str(key) == payload.get("user")]
    names += [team.name for key, team in state.teams.items() if str(key) == payload.get("team")]
    return names[0] if names else "?"


def written_end(actor: Actor, held: Held) -> str:
    """The last day of a term in words, where the actor lives."""
    return format_date(day_of(datetime.fromisoformat(held[1]), actor), "medium", actor.language)


def _opened(payload: Payload, actor: Actor) -> str:
    held = payload["after"]
    named = {"name": whom(actor.state, payload), "day": written_end(actor, held), "reason": held[2]}
    if held[0] == "edit":
        return _("opened this to %(name)s until %(day)s, to edit: %(reason)s") % named
    return _("opened this to %(name)s until %(day)s: %(reason)s") % named


def _closed(payload: Payload, actor: Actor) -> str:
    return _("took back what was opened to %(name)s") % {"name": whom(actor.state, payload)}


def _ended(payload: Payload, actor: Actor) -> str:
    return _("the access of %(name)s has ended") % {"name": whom(actor.state, payload)}


def _refused(payload: Payload, actor: Actor) -> str:
    return _("did not open this to %(name)s") % {"name": whom(actor.state, payload)}


def _for_sharing(payload: Payload, actor: Actor, record_type: RecordType | None) -> Payload | None:
    """Who asked to be let in is told to those who might let him in."""
    return payload if record_type is not None and actor.scope(record_type.key, "share") != "none" else None


register(EventType("access.opened", _opened, icon="clock", undo="opening"))
register(EventType("access.closed", _closed, icon="lock"))
register(EventType("access.ended", _ended, icon="lock"))
register(EventType("access.asked", lambda p, a: _("asked to be let see this"), icon="key", redact=_for_sharing))
register(EventType("access.refused", _refused, icon="circle-x", redact=_for_sharing))


@way("opening")
def _undo(work: Work, event: Event) -> None:
    """As it was before: closed, or the term there was."""
    payload = event.payload
    user, team = (UUID(payload[name]) if payload[name] else None for name in ("user", "team"))
    _shareable(work.actor, event.primary_type, event.primary_id)
    share = _terms(event.primary_type, event.primary_id, user, team).first()
    if share is None or _held(share) != payload["after"]:
        raise Conflict(_("Someone has changed this again since."), kept=_("Their change stays as it is."))
    before = payload["before"]
    if before is None or datetime.fromisoformat(before[1]) <= now():
        _tell(work, "access.closed", share, payload["after"], None)
        share.delete()
        return
    share.edit, share.until, share.reason = before[0] == "edit", datetime.fromisoformat(before[1]), before[2]
    share.save(update_fields=["edit", "until", "reason"])
    _tell(work, "access.opened", share, payload["after"], before)

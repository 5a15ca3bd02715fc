"""Clients are given away: a plan is kept, carried out as bulk acts, and taken back as one."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _

from comity.access.actors import Actor
from comity.access.models import Share
from comity.changes import batch, commands
from comity.changes.bus import Command, Work, run
from comity.changes.commands import ShareRecord
from comity.changes.models import Batch
from comity.exchange.handover.model import Handover
from comity.exchange.handover.planning import SPLITS, Options, Plan, make
from comity.kernel.errors import Conflict, Invalid, NotFound, Refused

GIVE, PASS = "handover.give", "handover.share"


@dataclass
class PlanHandover:
    """Keep which clients are meant: chosen ones of a type, or all that belongs to a colleague."""

    key: ClassVar[str] = "handover.plan"
    type_key: str = ""
    ids: list[UUID] = field(default_factory=list)
    from_user: UUID | None = None

    def apply(self, work: Work) -> None:
        """Raises Refused, NotFound, Invalid. Result.data: {"handover": id}."""
        if work.actor.user_id is None:
            raise Refused()
        if self.from_user is not None:
            if self.from_user not in work.actor.state.users:
                raise Invalid(fields={"from_user": [_("Choose one of the list.")]})
        else:
            commands.type_of(work.actor, self.type_key)
        row = Handover.objects.create(
            made_by=work.actor.user_id, type_key=self.type_key, ids=[one.hex for one in self.ids[: batch.MOST]],
            from_user=self.from_user,
        )  # fmt: skip
        work.result.data["handover"] = str(row.pk)


@dataclass
class NoteBatches:
    """Keep how a handover was decided and which bulk acts carry it out: once."""

    key: ClassVar[str] = "handover.start"
    handover_id: UUID
    options: dict[str, Any]
    batches: list[str]

    def apply(self, work: Work) -> None:
        """Raises NotFound, Conflict when it was carried out already."""
        row = Handover.objects.select_for_update().filter(pk=self.handover_id).first()
        if row is None or row.made_by != work.actor.user_id:
            raise NotFound()
        if row.batches:
            raise Conflict(_("This was given already."), kept=_("Nothing was changed."))
        row.options, row.batches = self.options, self.batches
        row.save(update_fields=["options", "batches"])


def of(actor: Actor, handover_id: UUID) -> Handover:
    """A plan of his; NotFound."""
    row = Handover.objects.filter(pk=handover_id).first()
    if row is None or row.made_by != actor.user_id:
        raise NotFound()
    return row


def check(actor: Actor, options: Options) -> None:
    """Raises Invalid with words for what was decided wrongly."""
    wrong: dict[str, list[str]] = {}
    users = actor.state.users
    if not options.to or any(one not in users or not users[one].active for one in options.to):
        wrong["to"] = [_("Choose a colleague who works here.")]
    if options.split not in SPLITS:
        wrong["split"] = [_("Choose one of the list.")]
    if wrong:
        raise Invalid(fields=wrong)


def start(actor: Actor, handover: Handover, options: Options, digest: str, key: str) -> Plan:
    """Carry a plan out as it was shown; what is large goes on in the background.

    Raises Invalid, and Conflict when the base has changed so that it would be another plan, or it was done already.
    """
    check(actor, options)
    if handover.batches:
        raise Conflict(_("This was given already."), kept=_("Nothing was changed."))
    made = make(actor, handover, options)
    if made.digest != digest or not made.gives:
        raise Conflict(_("The cards have changed meanwhile."), todo=_("Look at the preview again, then give them."))
    acts = list(_acts(made, options))
    # Made first and noted, then worked off: who presses twice gets the first ones again.
    begun = [run(actor, one, key=f"{handover.pk.hex}-{n}").data["batch"] for n, one in enumerate(acts)]
    kept = {**asdict(options), "to": [str(one) for one in options.to]}
    run(actor, NoteBatches(handover.pk, kept, begun), key=key)
    for n, one in enumerate(acts):
        batch.start(actor, one, f"{handover.pk.hex}-{n}")
    return made


def _acts(made: Plan, options: Options) -> Iterable[batch.StartBatch]:
    # Tasks before deals, deals before clients: who gives a client out of his sight still sees what hangs on it.
    for type_key, cards in reversed(made.gives.items()):
        for part in _portions(list(cards)):
            to = {str(key): [str(cards[key][0] or ""), str(cards[key][1])] for key in part}
            yield batch.StartBatch(type_key, GIVE, part, {"to": to, "keep_view": options.keep_view})
    for type_key, shares in made.shares.items():
        for part in _portions(list(shares)):
            passed = {str(key): [str(shares[key][0]), str(shares[key][1]), shares[key][2]] for key in part}
            yield batch.StartBatch(type_key, PASS, part, {"to": passed})


def _portions(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + batch.MOST] for start in range(0, len(ids), batch.MOST))


@dataclass
class GiveCard:
    """Give a card to another colleague if it is still with who had it; `keep_view`: who had it goes on seeing it."""

    key: ClassVar[str] = "card.give"
    type_key: str
    record_id: UUID
    old: UUID | None
    new: UUID
    keep_view: bool = False

    def apply(self, work: Work) -> None:
        """Raises NotFound, Refused, Invalid, Conflict."""
        _type, record = commands.hold(work, self.type_key, self.record_id)
        if record.owner_id != self.old:
            raise Conflict(_("Someone has changed this again since."), kept=_("Their change stays as it is."))
        if self.keep_view and self.old is not None:
            shared = Share.objects.filter(type_key=self.type_key, record_id=self.record_id, user=self.old, until=None)
            if not shared.exists():
                ShareRecord(self.type_key, self.record_id, user_id=self.old, level="view").apply(work)
        commands.update(self.type_key, self.record_id, 0, {"owner": str(self.new)}).apply(work)


def _give(record_id: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    old, new = arguments["to"][str(record_id)]
    return [GiveCard(arguments["type"], record_id, UUID(old) if old else None, UUID(new), arguments["keep_view"])]


def _pass(record_id: UUID, arguments: Mapping[str, Any]) -> list[Command]:
    old, new, edit = arguments["to"][str(record_id)]
    type_key = arguments["type"]
    return [
        ShareRecord(type_key, record_id, user_id=UUID(new), level="edit" if edit else "view"),
        ShareRecord(type_key, record_id, user_id=UUID(old), level=""),
    ]


def batches_of(actor: Actor, handover: Handover) -> list[Batch]:
    """The bulk acts of a handover, in order."""
    found = {str(one.pk): one for one in Batch.objects.filter(pk__in=handover.batches, actor_id=actor.user_id)}
    return [found[key] for key in handover.batches if key in found]


def taking_back(actor: Actor, handover: Handover) -> list[Batch]:
    """The bulk acts that are just taking it back."""
    undoing = Batch.objects.filter(actor_id=actor.user_id, command="undo", state="running")
    return list(undoing.filter(arguments__batch__in=handover.batches).order_by("pk"))


def take_back(actor: Actor, handover: Handover, key: str = "") -> None:
    """Take all of it back, as one act; what others changed since stays. Raises Refused while it is going on."""
    held = batches_of(actor, handover)
    if not held or any(one.state == "running" for one in held) or taking_back(actor, handover):
        raise Refused(_("This cannot be undone."))
    for one in reversed(held):
        if one.state == "done":
            batch.undo(actor, one.pk, f"{key}-{one.pk.hex[:12]}" if key else "")


def register() -> None:
    """Make the acts known."""
    batch.add_act(GIVE, _give)
    batch.add_act(PASS, _pass)

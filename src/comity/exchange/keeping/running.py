"""Every night: count, spare what was touched, put away what is due, mark and announce what comes next, clear the trash.

Each step is noted in the transaction that does it, so a killed worker's successor goes on where it stopped.
"""

from datetime import datetime, timedelta
from typing import Any

from comity.access import policy
from comity.access.actors import Actor, system
from comity.changes import batch
from comity.changes.bus import run
from comity.changes.models import Batch
from comity.exchange.keeping import idle, purging
from comity.exchange.keeping.commands import ACT, Announce, AskFirst, StartRun, TellRun, parts
from comity.exchange.keeping.model import TRASH, KeepingCount, KeepingMark, KeepingRule
from comity.kernel import jobs
from comity.kernel.clock import now
from comity.kernel.transaction import write_transaction
from comity.records.types import RecordType

JOB = "exchange.keeping"
MOST = 10_000  # cards of one run
SHARE = 5  # a rule that takes more than one card of so many asks first
TELLING = timedelta(days=2)  # how long after it a run may still have to be told


@jobs.schedule(JOB, daily="04:40", lease=600)
def _nightly(args: dict[str, Any], beat: jobs.Beat) -> None:
    house = system("keeping")
    _go_on(house, beat)
    begun = Batch.objects.filter(command=ACT, created_at__gte=datetime.fromisoformat(args["due_at"])) if args else ()
    left = MOST - sum(one.total for one in begun)  # of this night: the job may come a second time
    for rule in KeepingRule.objects.order_by("pk"):
        left -= _apply(house, rule, left, beat)
        beat()
    purging.clear_trash(house, MOST, beat)


def _go_on(house: Actor, beat: jobs.Beat) -> None:
    """End and tell what was begun before."""
    for one in Batch.objects.filter(command=ACT, created_at__gte=now() - TELLING).order_by("pk"):
        _work_off(house, one, beat)
    for one in Batch.objects.filter(command=ACT, state="running").order_by("pk"):
        _work_off(house, one, beat)


def _work_off(house: Actor, one: Batch, beat: jobs.Beat) -> None:
    if one.state == "running":
        batch.work_off(house, one, beat)
        one.refresh_from_db()
    run(house, TellRun(one), key=f"keeping-{one.pk}")


def _apply(house: Actor, rule: KeepingRule, left: int, beat: jobs.Beat) -> int:
    """A rule's night; how many cards it has put into the trash."""
    record_type, q = idle.kind_of(house.state, rule), idle.fitting(house, rule)
    if record_type is None or q is None:
        return 0
    live = policy.visible(house, record_type)
    found, cards = live.filter(q).count(), live.count()
    with write_transaction():
        count, _made = KeepingCount.objects.update_or_create(
            rule=rule, defaults={"found": found, "cards": cards, "counted_at": now()}
        )
    _spare(rule, live.filter(q) if rule.then == TRASH else None, beat)
    if rule.then != TRASH:
        return 0
    if found * SHARE > cards and count.agreed != idle.digest(rule):
        run(house, AskFirst(rule, found, cards))
        return 0
    due = KeepingMark.objects.filter(rule=rule, due_on__lte=idle.today(house.state)).order_by("due_on", "pk")
    ids = list(due.values_list("record_id", flat=True)[: max(left, 0)])
    if ids:
        result = run(house, StartRun(rule, ids))
        _work_off(house, Batch.objects.get(pk=result.data["batch"]), beat)
    _mark(rule, record_type, live.filter(q), beat)
    run(house, Announce(rule))
    return len(ids)


def _spare(rule: KeepingRule, fits: Any, beat: jobs.Beat) -> None:
    """Take the marks off cards the rule is not about any more."""
    for ids in parts(list(KeepingMark.objects.filter(rule=rule).values_list("record_id", flat=True))):
        still = set(fits.filter(pk__in=ids).values_list("pk", flat=True)) if fits is not None else set()
        with write_transaction():
            KeepingMark.objects.filter(rule=rule, record_id__in=[one for one in ids if one not in still]).delete()
        beat()


def _mark(rule: KeepingRule, record_type: RecordType, fits: Any, beat: jobs.Beat) -> None:
    """Mark what is to be announced: at most so many cards wait for their day at once."""
    held = set(KeepingMark.objects.filter(rule=rule).values_list("record_id", flat=True))
    found = fits.order_by("updated_at", "pk").values_list("pk", flat=True)[: MOST + len(held)]
    fresh = [one for one in found if one not in held][: MOST - len(held)] if len(held) < MOST else []
    for ids in parts(fresh):
        rows = [KeepingMark(rule=rule, type_key=record_type.key, record_id=one) for one in ids]
        with write_transaction():
            KeepingMark.objects.bulk_create(rows, ignore_conflicts=True)
        beat()

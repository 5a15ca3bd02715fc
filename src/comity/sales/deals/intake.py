"""Deals out of files: the stage they are in, when they were closed, what they are about; they get no planned steps."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from comity.changes import intake
from comity.changes.bus import Work
from comity.changes.intake import Coming, Way
from comity.kernel import money
from comity.kernel.clock import now
from comity.kernel.errors import Invalid
from comity.records import saving
from comity.records.types import RecordType
from comity.sales.deals import moving
from comity.sales.deals.commands import pipeline_for, seller
from comity.sales.deals.lines import LONGEST_NAME, MOST, sum_of
from comity.sales.deals.model import DealLine, StageVisit

FIELDS = frozenset((
    "stage", "state", "closed_at", "won_reason", "lost_reason", "competitor", "close_note", "lines",
))  # fmt: skip
Values = dict[str, Any]


def given(work: Work, record_type: RecordType, values: Values) -> Values:
    """Pipeline, stage and state that fit each other; of a stage of another pipeline the stage counts."""
    known = moving.pipelines(work.actor)
    stage = known.stages.get(values.get("stage") or "")
    pipeline = pipeline_for(work.actor, stage.pipeline if stage else values.get("pipeline") or "")
    state = values.get("state") or ""
    if stage is not None and stage.key in ("won", "lost") and state in ("won", "lost"):
        stage = None  # the end of the first pipeline: of the deal's own one the state tells
    if stage is None or (state in ("won", "lost") and stage.kind == "open"):
        stage = pipeline.ending(state) if state in ("won", "lost") else stage or pipeline.first
    closed = stage.kind != "open"
    began = min(work_began(values), now())
    made: Values = {
        "pipeline": pipeline.key, "stage": stage.key, "state": stage.kind, "moves_back": 0,
        "stage_since": (values.get("closed_at") or began) if closed else began,
        "closed_at": (values.get("closed_at") or _day(values) or now()) if closed else None,
    }  # fmt: skip
    made |= seller(work.actor, values)
    if not closed:
        made |= {"won_reason": "", "lost_reason": "", "competitor": "", "close_note": ""}
    return made


def work_began(values: Values) -> Any:
    """Since when it stands in its stage, as far as the file tells."""
    return values.get("stage_since") or now()


def _day(values: Values) -> Any:
    """The day it was expected to close, where that is past and the file tells no other."""
    from datetime import UTC, datetime, time

    day = values.get("expected_on")
    moment = datetime.combine(day, time(12), UTC) if day else None
    return moment if moment and moment < now() else None


def made(work: Work, record_type: RecordType, records: Sequence[Any]) -> None:
    """Their stay in the stage they came in."""
    names = ("deal_id", "pipeline", "stage", "entered_at", "left_at", "back")
    saving.insert_values(
        StageVisit, names, [(one.pk, one.pipeline, one.stage, one.stage_since, None, False) for one in records]
    )


def lines(work: Work, coming: Coming, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What a new deal is about, line by line, where its lines come to its amount; else words for a note."""
    amount = coming.values.get("amount")
    currency = amount[1] if amount else work.actor.env.currency
    found: list[DealLine] = []
    total = 0
    fits = len(rows) <= MOST and all(one.get("price") is not None for one in rows)
    for place, one in enumerate(rows if fits else ()):
        try:
            quantity = money.to_units(_decimal(one.get("quantity"), 1))
            price = money.to_units(_decimal(one.get("price"), 0))
        except (Invalid, ValueError):
            fits = False
            break
        total += sum_of(quantity, price, currency).units
        name = " ".join(str(one["name"]).split())[:LONGEST_NAME]
        found.append(DealLine(deal_id=coming.id, position=place, name=name, quantity=quantity, price=price))
        fits = fits and quantity > 0
    if fits and (amount is None or amount[0] == total):
        coming.values["amount"] = (total, currency)
        intake.write(found)
        return []
    return [_("What the deal is about:"), *(_line(one) for one in rows)]


def _decimal(value: Any, default: int) -> Decimal:
    return Decimal(default) if value is None else Decimal(value)


def _line(one: Mapping[str, Any]) -> str:
    figures = [str(one[key]) for key in ("quantity", "price") if one.get(key) is not None]
    return " × ".join([str(one["name"]), *figures])


def register() -> None:
    """Make the way known."""
    intake.use("deal", Way(FIELDS, given, made, lines))

"""Words and small figures the reports of sales share."""

from collections.abc import Sequence
from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comity.insight.money import Tally
from comity.insight.tables import Cell
from comity.kernel.money import format_number
from comity.records.fields import SCALE

DAY = 86_400  # seconds


def deals_text(tally: Tally, language: str, money: bool = True) -> str:
    """ "12 deals, €34,000"."""
    shown = format_number(tally.count * SCALE, language)
    text = ngettext("%(n)s deal", "%(n)s deals", tally.count) % {"n": shown}
    if not (money and tally.sums):
        return text
    return _("%(deals)s, %(money)s") % {"deals": text, "money": tally.short(language)}


def days_cell(seconds: Sequence[int], language: str, middle: bool = True) -> Cell:
    """The median (or the mean) of spans of time, in days; "" of none."""
    if not seconds:
        return Cell("", "")
    tenths = int((median(seconds) if middle else sum(seconds) / len(seconds)) * 10 / DAY + 0.5)
    return Cell(format_number(tenths * SCALE // 10, language), tenths / 10)

"""What a company's working hours must keep true, and their tidy form."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from comity.changes.settings import Row, Wrong
from comity.kernel.worktime import clock_minutes, clock_text

HOURS = ("work_days", "work_from", "work_to", "holidays")
FIELDS = (*HOURS, "answer_minutes")
MOST_HOLIDAYS = 400
LONGEST_ANSWER = 10_000  # minutes of work, about a month


def check(row: Row, wrong: Wrong) -> None:
    """Add what is wrong with the organization's hours; bring the rest into the form it is kept in."""
    check_hours(row, wrong)
    if not 1 <= row.answer_minutes <= LONGEST_ANSWER:
        wrong.add("answer_minutes", _("Enter minutes from 1 to %(most)s.") % {"most": LONGEST_ANSWER})


def check_hours(row: Row, wrong: Wrong) -> None:
    """The same for the days and hours alone, as a branch has them too."""
    days = row.work_days if isinstance(row.work_days, list) else []
    row.work_days = sorted({int(one) for one in days if str(one) in "0123456" and len(str(one)) == 1})
    if not row.work_days:
        wrong.add("work_days", _("Choose at least one day."))
    begins, ends = clock_minutes(str(row.work_from)), clock_minutes(str(row.work_to))
    for name, minutes in (("work_from", begins), ("work_to", ends)):
        if minutes is None:
            wrong.add(name, _("Enter a time such as 09:00."))
        else:
            setattr(row, name, clock_text(minutes))
    if begins is not None and ends is not None and ends <= begins:
        wrong.add("work_to", _("Work ends after it begins."))
    _check_holidays(row, wrong)


def _check_holidays(row: Row, wrong: Wrong) -> None:
    days: Any = row.holidays
    try:
        found = sorted({date.fromisoformat(one) for one in days})
    except (TypeError, ValueError):
        wrong.add("holidays", _("Enter a date such as 2026-03-31."))
        return
    if len(found) > MOST_HOLIDAYS:
        wrong.add("holidays", _("At most %(most)s days fit here.") % {"most": MOST_HOLIDAYS})
    row.holidays = [day.isoformat() for day in found]

"""The company's legal entities: their requisites are checked as their country has it."""

from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from comity.changes import working_hours
from comity.changes.bus import Work
from comity.changes.setting_types import is_country
from comity.changes.settings import Row, SettingType, Values, Wrong, register_type
from comity.identity.models import Branch
from comity.kernel.errors import too_long
from comity.kernel.text import fold
from comity.records import kinds

SETTING = "branch"
CHECKS = {
    "tax_number": "", "reg_number": "registration", "reason_code": "reason_code", "bank_account": "accounts",
}  # fmt: skip
LONGEST = 2000  # characters of an address, of all accounts


def _check(work: Work, row: Row, before: Values) -> None:
    wrong = Wrong()
    row.name, row.legal_name = " ".join(row.name.split()), " ".join(row.legal_name.split())
    if not is_country(row.country):
        wrong.add("country", _("Choose one of the list."))
    else:
        for name, check in CHECKS.items():
            try:
                setattr(row, name, kinds.requisite(check, getattr(row, name), row.country))
            except kinds.BadValue as problem:
                wrong.add(name, str(problem))
    working_hours.check_hours(row, wrong)
    if row.timezone and row.timezone not in available_timezones():
        wrong.add("timezone", _("Choose one of the list."))
    for name in ("legal_address", "actual_address", "bank_account"):
        if len(getattr(row, name)) > LONGEST:
            wrong.add(name, too_long(len(getattr(row, name)), LONGEST))
    others = Branch.objects.filter(archived_at=None).exclude(pk=row.pk)
    if any(fold(one.name) == fold(row.name) for one in others):
        wrong.add("name", _("There is a branch of this name already."))
    wrong.stop()


def _goes(work: Work, row: Row) -> None:
    """Papers made in its name keep it: it is archived."""


register_type(SettingType(
    SETTING, Branch,
    ("name", "legal_name", "country", "tax_number", "reg_number", "reason_code", "legal_address", "actual_address",
     "bank_account", "own_hours", "timezone", *working_hours.HOURS),
    "settings", lambda row: row.name, _check, removed=_goes,
))  # fmt: skip

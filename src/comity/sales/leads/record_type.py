"""What every generic page needs to know of leads."""

from collections.abc import Mapping
from typing import Any

from comity.kernel.text import listed
from comity.records.labels import Label
from comity.records.types import RecordType, register
from comity.sales.leads.model import Lead


def _title(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    need = " ".join((values.get("need") or "").split())[:80]
    name = values.get("contact_name") or values.get("company_name") or need
    return name, name


def _context(row: Mapping[str, Any], names: Mapping[str, str], language: str) -> str:
    company = row["company_name"] if row["contact_name"] else ""
    return listed((company, names.get("source", "")), language)


LEAD = register(
    RecordType(
        key="lead",
        slug="leads",
        model=Lead,
        label=Label("Lead", "Лид", "Лід", "Запитване", "Prospek", "فرصة أولية"),
        plural=Label("Leads", "Лиды", "Ліди", "Запитвания", "Prospek", "الفرص الأولية"),
        icon="target-arrow",
        title=_title,
        title_fields=("contact_name", "company_name", "need"),
        context=_context,
        context_fields=("contact_name", "company_name", "source"),
        columns=("state", "phones", "next_at", "owner", "created_at"),
        closing=("state", frozenset({"converted", "refused"})),
        menu="sales",
        # "alone" and "weights" are for search.rules: colleagues of one company are not the same lead, so that it says
        # something beside a name, a phone or an address only; "head" names the column of the title
        extra={
            "alone": {"contact_name": 2, "company_name": 1},
            "weights": {"company_name": 30},
            "head": "contact_name",
        },
    )
)

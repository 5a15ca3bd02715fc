"""What every generic page needs to know of companies."""

from collections.abc import Mapping
from typing import Any

from comity.kernel.text import listed
from comity.parties.companies.model import Company
from comity.records.labels import Label
from comity.records.types import RecordType, register


def _title(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    name = values.get("name") or ""
    return name, name


def _context(row: Mapping[str, Any], names: Mapping[str, str], language: str) -> str:
    return listed((names.get("kind", ""), (row["actual_address"] or {}).get("city", "")), language)


COMPANY = register(
    RecordType(
        key="company",
        slug="companies",
        model=Company,
        label=Label("Company", "Компания", "Компанія", "Фирма", "Perusahaan", "شركة"),
        plural=Label("Companies", "Компании", "Компанії", "Фирми", "Perusahaan", "الشركات"),
        icon="building",
        title=_title,
        title_fields=("name",),
        context=_context,
        context_fields=("kind", "actual_address"),
        columns=("kind", "phones", "emails", "turnover", "owner", "updated_at"),
        company_shape=True,
    )
)

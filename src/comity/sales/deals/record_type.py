"""What every generic page needs to know of deals, and how they hang on clients."""

from collections.abc import Mapping
from typing import Any

from comity.changes import purging
from comity.kernel.text import listed
from comity.parties.relations import ROLES
from comity.records import relations
from comity.records.labels import Label
from comity.records.types import RecordType, register
from comity.sales.deals.model import Deal, DealLine, StageVisit

DEALS = Label("Deals", "Сделки", "Угоди", "Сделки", "Transaksi", "الصفقات")
DEAL_COMPANY = relations.register(
    relations.Kind(
        "deal_company", Label("Company", "Компания", "Компанія", "Фирма", "Perusahaan", "الشركة"), DEALS,
        from_type="deal", to_type="company",
    )
)  # fmt: skip
DEAL_PERSON = relations.register(
    relations.Kind(
        "deal_person", Label("People in it", "Участники", "Учасники", "Участници", "Orang terkait", "المشاركون"),
        DEALS, from_type="deal", to_type="person", roles=ROLES,
    )
)  # fmt: skip


def _title(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    name = values.get("name") or ""
    return name, name


def _context(row: Mapping[str, Any], names: Mapping[str, str], language: str) -> str:
    return listed((names.get("company", ""), names.get("person", "")), language)


DEAL = register(
    RecordType(
        key="deal",
        slug="deals",
        model=Deal,
        label=Label("Deal", "Сделка", "Угода", "Сделка", "Transaksi", "صفقة"),
        plural=DEALS,
        icon="layout-kanban",
        title=_title,
        title_fields=("name",),
        context=_context,
        context_fields=("company", "person"),
        columns=("stage", "amount", "next_at", "expected_on", "owner"),
        company_shape=True,
        closing=("state", frozenset({"won", "lost"})),
        menu="sales",
    )
)
for _model in (DealLine, StageVisit):
    purging.belonging("deal", _model, "deal_id")  # they go with the deal

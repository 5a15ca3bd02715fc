"""The roles every installation starts with; administrators change them as they like."""

from dataclasses import dataclass, field
from typing import Any

from comity.access.models import ACTIONS
from comity.records.labels import Label


@dataclass(frozen=True)
class ShippedRole:
    """A role as it is made at first; the shape of its parts is that of access.models.Role."""

    key: str
    name: Label
    grants: dict[str, dict[str, str]]
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    permits: tuple[str, ...] = ()

    def values(self) -> dict[str, Any]:
        """The values of its row."""
        return {"key": self.key, "name": self.name.texts, "grants": self.grants, "fields": self.fields,
                "permits": list(self.permits)}  # fmt: skip


def _grant(scope: str, *without: str) -> dict[str, str]:
    return {action: scope for action in ACTIONS if action not in without}


_NO_CONTACTS = {"phones": "mask", "emails": "mask"}

ROLES = (
    ShippedRole(
        "manager",
        Label("Manager", "Менеджер", "Менеджер", "Търговец", "Staf penjualan", "مندوب مبيعات"),
        {"*": _grant("own", "export")},
    ),
    ShippedRole(
        "head",
        Label("Head of a team", "Руководитель отдела", "Керівник відділу", "Ръководител на екип", "Kepala tim",
              "رئيس فريق"),
        {"*": _grant("team")},
        permits=("views", "gates"),
    ),
    ShippedRole(
        "director",
        Label("Director", "Директор", "Директор", "Директор", "Direktur", "المدير"),
        {"*": _grant("all")},
        permits=("views", "gates", "import"),
    ),
    ShippedRole(
        "assistant",
        Label("Assistant", "Ассистент", "Асистент", "Асистент", "Asisten", "مساعد"),
        {"*": {"view": "all", "create": "all", "edit": "all"}},
        {"person": _NO_CONTACTS, "company": _NO_CONTACTS, "lead": _NO_CONTACTS},
    ),
    ShippedRole(
        "accountant",
        Label("Accountant", "Бухгалтер", "Бухгалтер", "Счетоводител", "Akuntan", "محاسب"),
        {"company": {"view": "all"}, "person": {"view": "all"},
         "task": {"view": "own", "create": "own", "edit": "own"}},
    ),
)  # fmt: skip

"""The demo company itself: its people, teams, roles, fields, tags, rates and views, made as an administrator would."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from comity.access import actors
from comity.access.actors import Actor
from comity.changes.bus import Command, Result, run
from comity.changes.installation import add_user, install, install_roles
from comity.changes.settings import SaveSetting
from comity.kernel import clock
from comity.packs.demo.words import Words
from comity.records.fields import option
from comity.records.labels import Label

PASSWORD = "moonlit-teapot"  # noqa: S105 - for looking around in invented data; printed at each start
# key -> (role, place of the team in the words, leads it)
PEOPLE = {
    "owner": ("", 0, False),
    "head": ("head", 0, True),
    "north": ("manager", 1, False),
    "south": ("manager", 2, False),
    "assistant": ("assistant", 4, False),
    "accountant": ("accountant", 4, False),
}
LOYALTY = (
    option("gold", "Gold", "Золотой", "Золотий", "Златен", "Emas", "ذهبي", hue=5),
    option("silver", "Silver", "Серебряный", "Срібний", "Сребърен", "Perak", "فضي", hue=8),
    option("bronze", "Bronze", "Бронзовый", "Бронзовий", "Бронзов", "Perunggu", "برونزي", hue=4),
)
INTERESTS = (
    option("samples", "Samples", "Образцы", "Зразки", "Мостри", "Contoh barang", "عينات", hue=2),
    option("training", "Training", "Обучение", "Навчання", "Обучение", "Pelatihan", "تدريب", hue=3),
    option("repairs", "Repairs", "Ремонт", "Ремонт", "Ремонт", "Perbaikan", "إصلاح", hue=6),
    option("bulk", "Bulk orders", "Крупный опт", "Великий гурт", "Едро", "Pesanan besar", "طلبات الجملة", hue=1),
)
# type, key, kind, label, more
FIELDS: tuple[tuple[str, str, str, Label, dict[str, Any]], ...] = (
    ("company", "own_loyalty", "choice",
     Label("Loyalty class", "Класс лояльности", "Клас лояльності", "Клас лоялност", "Kelas loyalitas", "فئة الولاء"),
     {"choices": LOYALTY, "indexed": True}),
    ("company", "own_interests", "choices",
     Label("Interests", "Интересы", "Інтереси", "Интереси", "Minat", "الاهتمامات"), {"choices": INTERESTS}),
    ("company", "own_contract_until", "date",
     Label("Contract until", "Договор до", "Договір до", "Договор до", "Kontrak sampai", "العقد حتى"),
     {"indexed": True}),
    ("company", "own_credit_limit", "money",
     Label("Credit limit", "Кредитный лимит", "Кредитний ліміт", "Кредитен лимит", "Batas kredit", "حد الائتمان"), {}),
    ("company", "own_machines", "integer",
     Label("Machines of ours", "Наших машин", "Наших машин", "Наши машини", "Mesin dari kami", "آلاتنا لديهم"),
     {"unit": "pieces"}),
    ("company", "own_service_hours", "number",
     Label("Service hours a year", "Часов сервиса в год", "Годин сервісу на рік", "Часове сервиз годишно",
           "Jam layanan setahun", "ساعات الخدمة سنويًا"), {"unit": "hours"}),
    ("company", "own_our_share", "percent",
     Label("Our share of purchases", "Наша доля в закупках", "Наша частка в закупівлях", "Наш дял в покупките",
           "Porsi kita dalam pembelian", "حصتنا من المشتريات"), {}),
    ("company", "own_supplier_code", "text",
     Label("Our supplier number", "Наш номер поставщика", "Наш номер постачальника", "Наш номер на доставчик",
           "Nomor pemasok kami", "رقمنا كمورّد"), {"search": True}),
    ("company", "own_engineer", "user",
     Label("Service engineer", "Сервисный инженер", "Сервісний інженер", "Сервизен инженер", "Teknisi layanan",
           "مهندس الصيانة"), {}),
    ("person", "own_newsletter", "bool",
     Label("Wants the newsletter", "Хочет рассылку", "Хоче розсилку", "Иска бюлетина", "Ingin buletin",
           "يريد النشرة"), {}),
)  # fmt: skip


@dataclass
class Office:
    """Who works in the demo company and what they have set up."""

    words: Words
    users: dict[str, UUID] = field(default_factory=dict)
    teams: list[UUID] = field(default_factory=list)
    tags: list[UUID] = field(default_factory=list)

    ready: dict[str, Actor] = field(default_factory=dict)

    def actor(self, key: str) -> Actor:
        """A colleague with the rights of this very moment, or those he has had since `opened`."""
        return self.ready.get(key) or actors.user_actor(self.users[key])

    def opened(self) -> None:
        """The settings are made: from now on nobody's rights change."""
        self.ready = {key: self.actor(key) for key in self.users}

    def do(self, key: str, command: Command) -> Result:
        """Run a command as a colleague."""
        return run(self.actor(key), command)

    def save(self, setting: str, row_id: Any = None, by: str = "owner", **values: Any) -> Any:
        """Make or change a settings row; its id."""
        return self.do(by, SaveSetting(setting, values, row_id)).record.id


def establish(words: Words) -> Office:
    """Found the company: everything that is there before its first client."""
    office = Office(words)
    install(words["company"], words["country"], words["timezone"], words.language, words["currency"], demo=True)
    roles = install_roles()
    _people(office, roles)
    for type_key, key, kind, label, more in FIELDS:
        choices = [{"key": one.key, "label": one.label.texts, "hue": one.hue} for one in more.get("choices", ())]
        values = {**more, "choices": choices, "type_key": type_key, "key": key, "kind": kind, "label": label.texts}
        office.save("field", **values)
    for tag in words["tags"].split(", "):
        name, hue = tag.rsplit(":", 1)
        office.tags.append(office.save("tag", name=name, hue=int(hue)))
    _rates(office)
    return office


def _people(office: Office, roles: dict[str, UUID]) -> None:
    words = office.words
    for key, (name, job_title) in words["users"].items():
        role = PEOPLE[key][0]
        office.users[key], _link = add_user(
            name, f"{key}@demo.example", PASSWORD, administrator=key == "owner", job_title=job_title,
            roles=(roles[role],) if role else (),
        )  # fmt: skip
    for n, name in enumerate(words["teams"]):
        parent = office.teams[0] if n in (1, 2) else None
        office.teams.append(office.save("team", name=name, parent=parent, position=n))
    for key, (_role, place, lead) in PEOPLE.items():
        office.save("membership", user=office.users[key], team=office.teams[place], lead=lead, main=True)
        if key != "owner":
            manager = "head" if key in ("north", "south") else "owner"
            office.save("user", office.users[key], manager=office.users[manager])


def _rates(office: Office) -> None:
    words = office.words
    office.save("organization", 1, currencies=sorted(words["rates"]))
    today = clock.now().date()
    for currency, rate in words["rates"].items():
        for months, factor in ((0, "1"), (3, "1.012"), (6, "0.991")):
            number = today.year * 12 + today.month - 1 + months
            day = date(number // 12, number % 12 + 1, 1)
            office.save("rate", currency=currency, day=day, rate=Decimal(rate) * Decimal(factor))


def views(office: Office) -> None:
    """The saved views: two of the head's for everybody, one of each manager's own, one of people."""
    by_turnover, gold, mine, no_phone = office.words["views"]
    columns = ["kind", "turnover", "own_loyalty", "client_since", "owner"]
    customers = {"all": [{"field": "kind", "op": "any", "value": ["customer"]}]}
    golden = {"all": [{"field": "own_loyalty", "op": "any", "value": ["gold"]}]}
    office.save("view", by="head", type_key="company", name=by_turnover, shared=True, where=customers,
                columns=columns, sort="-turnover", position=1)  # fmt: skip
    office.save("view", by="head", type_key="company", name=gold, shared=True, where=golden, columns=columns,
                sort="title", position=2)  # fmt: skip
    for key in ("north", "south"):
        prospects = {"all": [
            {"field": "kind", "op": "any", "value": ["prospect"]}, {"field": "owner", "op": "any", "value": ["me"]},
        ]}  # fmt: skip
        office.save("view", by=key, type_key="company", name=mine, where=prospects, sort="-updated_at", position=3)
    office.save("view", by="head", type_key="person", name=no_phone, shared=True, position=1,
                where={"all": [{"field": "phones", "op": "empty"}]}, sort="title")  # fmt: skip

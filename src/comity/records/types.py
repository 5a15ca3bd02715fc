"""RecordType: one description of a kind of card, from code or a row, and the registry of all of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from comity.records.fields import LINK_KINDS, OWN, Choice, FieldSpec, of
from comity.records.labels import Label
from comity.records.models import CustomRecord, CustomType, Record

# Fields that every record has; the writer keeps the ones marked "read".
COMMON: tuple[FieldSpec, ...] = (
    of("user", "owner", "Owner", "Ответственный", "Відповідальний", "Отговорник", "Penanggung jawab", "المسؤول",
       indexed=True, group="work"),
    of("team", "team", "Team", "Команда", "Команда", "Екип", "Tim", "الفريق", indexed=True, group="work",
       in_list=False),
    of("datetime", "next_at", "Next step", "Следующий шаг", "Наступний крок", "Следваща стъпка", "Langkah berikutnya",
       "الخطوة التالية", level="read", group="aside",
       extra={"beside": ("next_kind", "next_text"), "cell": "next"}),
    of("tags", "tags", "Tags", "Метки", "Мітки", "Етикети", "Label", "الوسوم", group="tags"),
    of("datetime", "created_at", "Added", "Добавлено", "Додано", "Добавено", "Ditambahkan", "أُضيف", level="read",
       group="system", indexed=True),
    of("datetime", "updated_at", "Changed", "Изменено", "Змінено", "Променено", "Diubah", "عُدّل", level="read",
       group="system", indexed=True),
)  # fmt: skip

FIRST = 5  # fields of a type made by clicks that its list begins with


@dataclass(frozen=True)
class RecordType:
    """A kind of card.

    key          stable name in code, events and addresses ("company")
    slug         the address of its list ("companies")
    model        the Record subclass that stores it
    label, plural   per language
    icon         name in the icon sprite
    title        (values, language) -> (title, text its sort key is made of), written with each change
    title_fields the fields `title` reads
    display      (values row, language) -> title in the reader's way; needs only `title_fields`; default: stored title
    context      (values row, names of linked records by key, language) -> second line under the title, plain text
    context_fields  the fields `context` reads
    columns      fields shown in the list until the user chooses
    closing      a choice field and those of its values with which a card wants no next step any more
    initial      (actor) -> values, as in records.kinds, that the form of a new card begins with
    """

    key: str
    slug: str
    model: type[Record]
    label: Label
    plural: Label
    icon: str
    title: Callable[[Mapping[str, Any], str], tuple[str, str]]
    title_fields: tuple[str, ...]
    columns: tuple[str, ...] = ()
    context: Callable[[Mapping[str, Any], Mapping[str, str], str], str] | None = None
    context_fields: tuple[str, ...] = ()
    display: Callable[[Mapping[str, Any], str], str] | None = None
    company_shape: bool = False  # square avatar
    lead_when: str = ""  # a switch of the company: while it is on, the type stands first in the menu
    custom: tuple[FieldSpec, ...] = ()
    initial: Callable[[Any], Mapping[str, Any]] | None = None
    closing: tuple[str, frozenset[str]] | None = None
    menu: str = "clients"  # the heading of its line in the menu: "" = none | sales | clients | team
    follows: str = ""  # key of a card field: who sees or edits the card it points to sees or edits this one too
    without: frozenset[str] = frozenset()  # keys of COMMON fields it has no use for
    switched_off: frozenset[str] = frozenset()  # keys of fields whose `when` is off
    options: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict, hash=False)  # lists in force, by key
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)
    labels: Mapping[str, Label] = field(default_factory=dict, hash=False)  # fields called otherwise than in the model

    @property
    def own(self) -> bool:
        """Whether an administrator made it: its cards share one table with those of all such types."""
        return self.model is CustomRecord

    @property
    def rows(self) -> Any:
        """All its cards, unguarded: for access (which grants), changes (which writes) and search only."""
        every: Any = self.model.unguarded.all()
        return every.filter(type_key=self.key) if self.own else every

    @cached_property
    def specs(self) -> tuple[FieldSpec, ...]:
        """Shipped fields, custom fields, common fields, in the order of forms; without those switched off."""
        every = self.model.specs + self.custom + COMMON
        off = self.switched_off | self.without
        return tuple(self._own(spec) for spec in every if spec.key not in off)

    def _own(self, spec: FieldSpec) -> FieldSpec:
        """A field as this type has it: with the values of its list; the next step with what ends the need of one."""
        if spec.key in self.labels:
            spec = replace(spec, label=self.labels[spec.key])
        if spec.options:
            return replace(spec, choices=self.options.get(spec.options, ()))
        if spec.key == "next_at" and self.closing:
            beside = (*spec.extra["beside"], self.closing[0])
            return replace(spec, extra={**spec.extra, "beside": beside, "closing": self.closing})
        return spec

    @cached_property
    def links(self) -> tuple[FieldSpec, ...]:
        """The fields that point to other cards."""
        return tuple(spec for spec in self.specs if spec.kind in LINK_KINDS)

    def spec(self, key: str) -> FieldSpec:
        """The field with that key; raises KeyError."""
        try:
            return self._by_key[key]
        except KeyError:
            raise KeyError(f"{self.key} has no field {key}") from None

    @cached_property
    def _by_key(self) -> dict[str, FieldSpec]:
        return {spec.key: spec for spec in reversed(self.specs)}


_types: dict[str, RecordType] = {}


def register(record_type: RecordType) -> RecordType:
    """Make a type known to every generic page, command and guard; refuses a second one of the same key or slug.

    Raises ValueError also for a shipped field whose key is of those kept for the administrator's.
    """
    taken = [spec.key for spec in record_type.model.specs if spec.key.startswith(OWN)]
    if taken:
        raise ValueError(f"Fields of {record_type.key}: keys with {OWN!r} are the administrator's: {taken}")
    for known in _types.values():
        if known.key == record_type.key or known.slug == record_type.slug:
            raise ValueError(f"Record type {record_type.key} / {record_type.slug} exists already")
    _types[record_type.key] = record_type
    return record_type


def made(row: CustomType) -> RecordType:
    """The type an administrator described; its fields are custom fields, but for the name."""
    return RecordType(
        key=row.key, slug=row.slug, model=CustomRecord, label=Label.of(row.label), plural=Label.of(row.plural),
        icon=row.icon, title=_by_name, title_fields=("name",), columns=tuple(row.columns),
        menu=row.menu, labels={"name": Label.of(row.name_label)} if row.name_label else {},
        extra={"board": row.board_by} if row.board_by else {},
    )  # fmt: skip


def first_columns(fields: Iterable[FieldSpec]) -> tuple[str, ...]:
    """What the list of a type made by clicks shows while nobody has said: its first fields, then who has the card."""
    own = [spec.key for spec in fields if spec.in_list and spec.kind not in ("longtext", "file")][:FIRST]
    return (*own, "owner", "updated_at")[: FIRST + 1]


def _by_name(values: Mapping[str, Any], language: str) -> tuple[str, str]:
    return values["name"], values["name"]


def unregister(key: str) -> None:
    """Forget a type: for the fake room of the tests."""
    _types.pop(key, None)


def get(key: str) -> RecordType:
    """The shipped type with that key (without custom fields: ask the snapshot for those); raises KeyError."""
    return _types[key]


def all_types() -> Iterable[RecordType]:
    """Every registered type, in the order of registration."""
    return tuple(_types.values())

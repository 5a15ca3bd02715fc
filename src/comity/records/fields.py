"""FieldSpec: a field is described once; form, list, filter, search, history, API and import derive from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models

from comity.kernel.fields import FoldField, KeyField, MoneyField
from comity.records.labels import Label

KINDS = (
    "text", "longtext", "integer", "number", "percent", "money", "date", "datetime", "bool", "choice", "choices",
    "language", "languages", "country", "currency", "user", "team", "link", "card", "tags", "phones", "emails",
    "handles", "url", "address", "taxnumber", "relation", "file",
)  # fmt: skip
TEXT_KINDS = frozenset({"text", "longtext", "url", "taxnumber"})
CONTACT_KINDS = frozenset({"phones", "emails", "handles"})
UNSORTED = frozenset({"longtext", "address", "choices", "languages", "link", "card", "user", "team"})
LINK_KINDS = frozenset({"link", "card", "relation"})  # values point to cards
NUMBER_KINDS = frozenset({"integer", "number", "percent"})
ROW_KINDS = CONTACT_KINDS | {"tags", "relation", "file"}  # values live in rows of their own
LEVELS = ("hide", "mask", "read", "write")
SCALE = 10_000  # numbers with a fraction are whole 1/10,000ths
# What an administrator makes (fields, kinds of links) has keys of this beginning, and nothing shipped has: a field of
# the next version never meets one of the same key.
OWN = "own_"


@dataclass(frozen=True)
class Choice:
    """One value of a choice field: its stored key, label, colour class (1 to 8, 0 = none); a retired one is not offered
    any more."""

    key: str
    label: Label
    hue: int = 0
    retired: bool = False


@dataclass(frozen=True)
class FieldSpec:
    """What the house knows of one field.

    key       name in code, JSON and addresses: [a-z][a-z0-9_]*; begins with OWN for an administrator's field only
    kind      one of KINDS; decides storage, parsing, operators, cell and editor
    label     per language
    unit      for numbers: a key of kernel.units ("pieces", "percent", "hours", ...); money carries its currency
    stored    "column" (of the model) | "custom" (key of the custom JSON) | "rows" (contact points, tags)
    required  "" | "always" | "creation"
    level     the most any role may do: "write" (default) or "read" for what the house writes itself
    search    its text is found by global search
    indexed   filter and sort on it are backed by an index
    personal  about a person: masked in demos, erased on request
    when      a switch of the company ("person_clients"): the field exists only while it is on
    options   for choices: the list of records.options they come from, where the company changes them by clicks
    target    for links: type key; relation: the Relation kind whose main row the column mirrors. A "card" points to a
              record of any type. A field of the kind "relation" has rows of Relation for its values, of a kind called
              like the field; it points to cards of `target`, or of any type
    several   a relation or file field holds several
    begins    what the form of a new card has in it, as raw input; "today", "me", "my_team" for kinds that know these
    since     must be filled from this value of the type's board field on ("" = from none)
    formula   how it is calculated (records.formulas): nobody fills it in
    extra     further traits: "beside": columns its cell reads too; "cell": a way of its own to be drawn; "with": keys
              of fields that are asked along with it when it is edited in its place; "later": it is no matter of a new
              card's form; "if_any": it exists only while its list of `options` has a value
    """

    key: str
    kind: str
    label: Label
    unit: str = ""
    stored: str = "column"
    required: str = ""
    level: str = "write"
    search: bool = False
    indexed: bool = False
    personal: bool = False
    choices: tuple[Choice, ...] = ()
    options: str = ""
    target: str = ""
    relation: str = ""
    help: Label | None = None
    group: str = "details"
    max_length: int = 300
    in_list: bool = True
    quick: bool = False
    duplicate: bool = False
    when: str = ""
    several: bool = False
    begins: Any = field(default=None, hash=False)
    since: str = ""
    formula: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Field {self.key}: no kind {self.kind!r}")
        if self.kind in ROW_KINDS and self.stored != "rows":
            object.__setattr__(self, "stored", "rows")
        if self.kind in NUMBER_KINDS and not self.unit:
            if self.kind != "percent":
                raise ValueError(f"Field {self.key}: a number declares its unit")
            object.__setattr__(self, "unit", "percent")

    @cached_property
    def attname(self) -> str:
        """The model attribute that holds the raw value: `owner_id` for `owner`."""
        return f"{self.key}_id" if self.kind in ("user", "team", "link", "card") else self.key

    @cached_property
    def has_twin(self) -> bool:
        """Whether a casefolded twin stands beside the value."""
        return self.kind in TEXT_KINDS or self.kind == "address"

    @property
    def sortable(self) -> bool:
        """Whether lists may be ordered by it: columns, and fields inside the custom JSON that have an index."""
        stored = self.stored == "column" or (self.stored == "custom" and self.indexed)
        return stored and self.kind not in UNSORTED

    def choice(self, key: str | None) -> Choice | None:
        """The choice with that key, if any."""
        return next((choice for choice in self.choices if choice.key == key), None)

    @property
    def checked_for_country(self) -> bool:
        """Whether a value is checked by rules of the card's country: see records.cleaning.requisite."""
        return self.kind == "taxnumber" or "check" in self.extra

    def columns(self) -> dict[str, Any]:
        """The Django columns of a field stored as columns, by attribute name."""
        return _columns(self) if self.stored == "column" else {}


def _columns(spec: FieldSpec) -> dict[str, Any]:
    key, index = spec.key, spec.indexed
    match spec.kind:
        case "text" | "url" | "taxnumber":
            return {key: models.CharField(max_length=spec.max_length, default="", blank=True),
                    f"{key}_fold": FoldField(db_index=index)}  # fmt: skip
        case "longtext":
            return {key: models.TextField(default="", blank=True), f"{key}_fold": FoldField()}
        case "integer" | "number" | "percent":
            return {key: models.BigIntegerField(null=True, blank=True, db_index=index)}
        case "money":
            return {key: MoneyField(null=True, blank=True, db_index=index),
                    f"{key}_currency": models.CharField(max_length=3, default="", blank=True)}  # fmt: skip
        case "date":
            return {key: models.DateField(null=True, blank=True, db_index=index)}
        case "datetime":
            return {key: models.DateTimeField(null=True, blank=True, db_index=index)}
        case "bool":
            return {key: models.BooleanField(default=False)}
        case "choice" | "language" | "country" | "currency":
            return {key: models.CharField(max_length=40, default="", blank=True, db_index=index)}
        case "choices" | "languages":
            return {key: models.TextField(default="", blank=True)}  # |a|b|, so that both engines can look inside
        case "address":
            return {key: models.JSONField(default=dict, blank=True), f"{key}_fold": FoldField()}
        case "user" | "team":
            model = "identity.User" if spec.kind == "user" else "identity.Team"
            return {key: models.ForeignKey(model, null=True, blank=True, on_delete=models.PROTECT, related_name="+")}
        case "link":
            # The target's model is known by its type only; the key alone is stored, checked by the writer.
            return {f"{key}_id": KeyField(null=True, blank=True, db_index=True)}
        case "card":
            return {f"{key}_type": models.CharField(max_length=40, default="", blank=True),
                    f"{key}_id": KeyField(null=True, blank=True, db_index=index)}  # fmt: skip
    raise ValueError(f"Field {key}: {spec.kind} has no columns")


def text(key: str, *label: str, **more: Any) -> FieldSpec:
    """A short text: `text("industry", "Industry", "Отрасль", …six labels…, search=True)`."""
    return FieldSpec(key, "text", Label(*label), **more)


def of(kind: str, key: str, *label: str, **more: Any) -> FieldSpec:
    """A field of any kind: `of("date", "founded_on", …six labels…)`."""
    return FieldSpec(key, kind, Label(*label), **more)


def choice(key: str, *label: str, choices: Sequence[Choice] = (), **more: Any) -> FieldSpec:
    """One of a list of values, written here or (`options`) in a list the company changes."""
    return FieldSpec(key, "choice", Label(*label), choices=tuple(choices), **more)


def option(key: str, *label: str, hue: int = 0) -> Choice:
    """One value of a choice field with its six labels."""
    return Choice(key, Label(*label), hue)

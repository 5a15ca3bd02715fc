"""What every record has, and the rows that hang on records of any type."""

from dataclasses import dataclass, field
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models.base import ModelBase

from comity.kernel.clock import now
from comity.kernel.fields import FoldField, KeyField, SortKeyField, key_field
from comity.records.fields import FieldSpec, text

LIVE, IN_TRASH = models.Q(deleted_at__isnull=True), models.Q(deleted_at__isnull=False)


class UnguardedQuery(RuntimeError):
    """A record was asked for without a grant: go through access.visible()."""


class ClosedManager(models.Manager):  # type: ignore[type-arg]
    """The public door to records is closed; `access.visible()` opens it for an actor."""

    def get_queryset(self) -> Any:
        raise UnguardedQuery(f"{self.model.__name__}.objects is closed: use access.visible(actor, type, action)")


class RecordBase(ModelBase):
    """Turns the `specs` of a record class into its columns: a shipped field is one line and a migration."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **kwargs: Any) -> Any:
        for spec in attrs.get("specs", ()):
            for attribute, column in spec.columns().items():
                attrs.setdefault(attribute, column)
        return super().__new__(mcs, name, bases, attrs, **kwargs)


class Record(models.Model, metaclass=RecordBase):
    """A card: owner, team, title with its sort key, custom fields, version, next step, trash."""

    specs: ClassVar[tuple[FieldSpec, ...]] = ()

    id = key_field()
    title = models.CharField(max_length=300, default="")
    title_fold = FoldField()
    sort_key = SortKeyField()
    owner = models.ForeignKey(
        "identity.User", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "identity.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    custom = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)
    next_at = models.DateTimeField(null=True, blank=True)
    next_kind = models.CharField(max_length=20, default="", blank=True)
    next_text = models.CharField(max_length=200, default="", blank=True)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)
    updated_at = models.DateTimeField(default=now)
    updated_by = KeyField(null=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = KeyField(null=True)

    objects = ClosedManager()
    # For access (which grants) and changes (which writes) only: a house rule checks.
    unguarded = models.Manager()  # noqa: DJ012

    class Meta:
        abstract = True
        base_manager_name = "unguarded"
        default_manager_name = "unguarded"
        # Without the trash by condition, not by a first column: PostgreSQL takes no order from behind an "IS NULL".
        indexes = [
            models.Index(fields=["sort_key", "id"], name="%(class)s_by_title", condition=LIVE),
            models.Index(fields=["owner", "sort_key", "id"], name="%(class)s_by_owner", condition=LIVE),
            models.Index(fields=["team", "sort_key", "id"], name="%(class)s_by_team", condition=LIVE),
            models.Index(fields=["updated_at", "id"], name="%(class)s_by_update", condition=LIVE),
            models.Index(fields=["deleted_at", "id"], name="%(class)s_in_trash", condition=IN_TRASH),
        ]


class CustomType(models.Model):
    """A kind of card made by an administrator (key own_...): its description; the cards are rows of CustomRecord.

    board_by  the key of the choice its cards stand in columns by; "" = it has no board
    """

    id = key_field()
    key = models.CharField(max_length=40, unique=True)
    slug = models.CharField(max_length=40, unique=True)
    label = models.JSONField(default=dict)
    plural = models.JSONField(default=dict)
    name_label = models.JSONField(default=dict)  # what the name is called, where it is called otherwise
    icon = models.CharField(max_length=40, default="box")
    menu = models.CharField(max_length=10, default="clients", blank=True)
    columns = models.JSONField(default=list)
    board_by = models.CharField(max_length=40, default="", blank=True)
    position = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)


class CustomRecord(Record):
    """A card of a type made by an administrator: a name, and whatever stands in `custom`."""

    specs = (
        text("name", "Name", "Название", "Назва", "Име", "Nama", "الاسم", required="always", search=True,
             duplicate=True, quick=True),
    )  # fmt: skip

    type_key = models.CharField(max_length=40)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["type_key", "sort_key", "id"], name="customrecord_by_title", condition=LIVE),
            models.Index(fields=["type_key", "owner", "sort_key", "id"], name="customrecord_by_owner", condition=LIVE),
            models.Index(fields=["type_key", "team", "sort_key", "id"], name="customrecord_by_team", condition=LIVE),
            models.Index(fields=["type_key", "updated_at", "id"], name="customrecord_by_update", condition=LIVE),
            models.Index(fields=["type_key", "deleted_at", "id"], name="customrecord_in_trash", condition=IN_TRASH),
        ]


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A pointer to any record: used by events, tasks, files, shares."""

    type: str
    id: UUID

    def __str__(self) -> str:
        return f"{self.type}:{self.id}"


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file in a field of a card. `content`: a row not written yet, its bytes in the store; `of`: where it hangs, said
    where that must be checked."""

    id: UUID
    name: str = field(default="", compare=False)
    size: int = field(default=0, compare=False)
    content: "StoredFile | None" = field(default=None, compare=False, repr=False)
    of: RecordRef | None = field(default=None, compare=False, repr=False)


class OnRecord(models.Model):
    """A row that hangs on one record of any type."""

    id = key_field()
    type_key = models.CharField(max_length=40)
    record_id = KeyField()

    class Meta:
        abstract = True


class ContactPoint(OnRecord):
    """One phone, e-mail or messenger handle of a record; `field` is the spec's key ("phones", "emails", ...)."""

    field = models.CharField(max_length=40)
    kind = models.CharField(max_length=10)  # phone | email | handle
    label = models.CharField(max_length=40, default="", blank=True)  # work, mobile, telegram, ...
    value = models.CharField(max_length=254)  # E.164, address or handle as shown
    fold = FoldField(db_index=True)
    last9 = models.CharField(max_length=9, default="", blank=True, db_index=True)
    ext = models.CharField(max_length=12, default="", blank=True)
    position = models.PositiveSmallIntegerField(default=0)  # 0 is the primary one

    class Meta:
        # No unique index: two clients may share a number, and a refusal would tell of a hidden one.
        indexes = [models.Index(fields=["type_key", "record_id", "field", "position"], name="contact_of_record")]


class Relation(models.Model):
    """A link between any two records, seen from both; `kind` is a key of records.relations or a RelationKind row."""

    id = key_field()
    kind = models.CharField(max_length=40)
    from_type = models.CharField(max_length=40)
    from_id = KeyField()
    to_type = models.CharField(max_length=40)
    to_id = KeyField()
    roles = models.TextField(default="", blank=True)  # |buyer|engineer|
    note = models.CharField(max_length=200, default="", blank=True)
    main = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "from_type", "from_id", "to_type", "to_id"], name="one_relation_of_a_kind"
            )
        ]
        indexes = [
            models.Index(fields=["from_type", "from_id"], name="relation_from"),
            models.Index(fields=["to_type", "to_id"], name="relation_to"),
        ]


class RelationKind(models.Model):
    """A relation type made by an administrator (key own_...), with a name for each direction in each language."""

    id = key_field()
    key = models.CharField(max_length=40, unique=True)
    forward = models.JSONField(default=dict)  # label as seen from the first record
    backward = models.JSONField(default=dict)
    archived_at = models.DateTimeField(null=True)


class CustomField(models.Model):
    """A field added by an administrator; its values live in the record's `custom` JSON under `key` (own_...), or in
    rows of their own.

    required   "" | "always" | "creation" | "since": from the value `since` of the type's stage or board field on
    target, several, backward   of relations: to cards of which type ("" = any), one or several, and what it is called
               on the card it points to; `several` of files too
    accept, max_size   of files: endings (["pdf"]), [] = any; the largest size in bytes, 0 = the house's
    begins     what a new card's form has in it: raw input, or "today", "me", "my_team"
    duplicate  an equal value makes two cards likely the same
    keep_months   archived by itself when no card got a value for so many months; 0 = never
    was_whole  a number that used to be a whole number: the past tells its values as they were written then
    """

    id = key_field()
    type_key = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    label = models.JSONField(default=dict)
    help = models.JSONField(default=dict)
    unit = models.CharField(max_length=20, default="", blank=True)
    choices = models.JSONField(default=list)  # [{"key", "label": {lang: text}, "hue"}]
    required = models.CharField(max_length=10, default="", blank=True)
    search = models.BooleanField(default=False)
    indexed = models.BooleanField(default=False)
    personal = models.BooleanField(default=False)
    formula = models.TextField(default="", blank=True)  # how it is calculated; "" = people fill it in
    target = models.CharField(max_length=40, default="", blank=True)
    several = models.BooleanField(default=False)
    backward = models.JSONField(default=dict)
    accept = models.JSONField(default=list)
    max_size = models.BigIntegerField(default=0)
    begins = models.JSONField(null=True)
    since = models.CharField(max_length=40, default="", blank=True)
    duplicate = models.BooleanField(default=False)
    keep_months = models.PositiveSmallIntegerField(default=0)
    was_whole = models.BooleanField(default=False)
    position = models.IntegerField(default=0)
    made_at = models.DateTimeField(default=now)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type_key", "key"], name="one_custom_field_key")]


class FieldUse(models.Model):
    """How much a field of the administrator's is used, as last counted in the background.

    filled    how many live cards have a value; of `cards`
    changed_at, changed_by   the last change of a value by anybody
    places    {"views": n, "columns": n, "boards": n, "rules": n, "gates": n, "formulas": n}
    warned_at since when the house has said that it is going to archive the field
    """

    field = models.OneToOneField(CustomField, on_delete=models.CASCADE, related_name="use")
    filled = models.PositiveIntegerField(default=0)
    cards = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = KeyField(null=True)
    places = models.JSONField(default=dict)
    counted_at = models.DateTimeField(default=now)
    warned_at = models.DateTimeField(null=True)


class OwnLabel(models.Model):
    """What the company calls a shipped field, or a shipped kind of cards, instead of what the house calls it.

    part  the field's key; "" = one card of the kind, "*" = several
    """

    id = key_field()
    type_key = models.CharField(max_length=40)
    part = models.CharField(max_length=40, default="", blank=True)
    label = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type_key", "part"], name="one_own_label")]


class Option(models.Model):
    """A value of a list of records.options: one the company added (key own_...), or its wish for a shipped one."""

    id = key_field()
    list_key = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    label = models.JSONField(default=dict)
    hue = models.PositiveSmallIntegerField(default=0)
    position = models.IntegerField(default=0)
    archived_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list_key", "key"], name="one_option_key")]


class SavedView(models.Model):
    """A list with its filter, columns and order; own, or shared with everybody or a team."""

    id = key_field()
    type_key = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    owner = models.ForeignKey("identity.User", null=True, on_delete=models.CASCADE, related_name="+")
    shared = models.BooleanField(default=False)
    team = models.ForeignKey("identity.Team", null=True, on_delete=models.CASCADE, related_name="+")
    where = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    sort = models.CharField(max_length=60, default="", blank=True)  # "title" or "-updated_at"
    position = models.IntegerField(default=0)


class Tag(models.Model):
    """A word put on records of any type."""

    id = key_field()
    name = models.CharField(max_length=60)
    fold = FoldField(unique=True)
    hue = models.PositiveSmallIntegerField(default=1)


class TagLink(OnRecord):
    """A tag on a record."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type_key", "record_id", "tag"], name="one_tag_once")]
        indexes = [models.Index(fields=["type_key", "tag", "record_id"], name="tagged_records")]


class StoredFile(OnRecord):
    """A file on a card: content by hash in the store outside the web root, always sent as an attachment.

    kind   a key of the list "file_kind", or "" while nobody has said what it is
    field  the key of the card's file field it stands in; "" = it just hangs there
    """

    name = models.CharField(max_length=200)
    field = models.CharField(max_length=40, default="", blank=True)
    kind = models.CharField(max_length=40, default="", blank=True)
    size = models.BigIntegerField()
    mime = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64, db_index=True)
    created_at = models.DateTimeField(default=now)
    created_by = KeyField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["type_key", "record_id", "created_at"], name="files_of_record")]


class Merged(OnRecord):
    """A card that was merged into another one: put away like the trash, but to be had back only by undoing the merge.

    into_id   the card of the same type that its address leads to
    event_id  the event of the merge
    """

    into_id = KeyField()
    event_id = models.BigIntegerField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "type_key"], name="merged_once")]
        indexes = [models.Index(fields=["into_id"], name="merged_into")]

"""Everything small that every page needs (people, teams, roles, custom fields), immutable, behind one stamp."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from comity.access.models import Role, RoleMember, SharingRule
from comity.identity.models import ExchangeRate, Membership, Organization, Team, User
from comity.kernel import stamps
from comity.records import fields as record_fields
from comity.records import modules, types
from comity.records import options as option_lists
from comity.records.fields import Choice, FieldSpec
from comity.records.labels import Label
from comity.records.models import CustomField, CustomType, Option, OwnLabel, RelationKind, SavedView, Tag
from comity.records.prepared import Statements

STAMP = stamps.SETTINGS
NEXT_OF = "task"  # the kind of cards that next steps are
ONE, SEVERAL = "", "*"  # the parts of a type that OwnLabel calls otherwise, besides its fields


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague as pages need him."""

    id: UUID
    name: str
    email: str
    initials: str
    hue: int
    active: bool
    administrator: bool
    language: str
    timezone: str
    job_title: str
    manager_id: UUID | None
    prefs: Mapping[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """The state of settings at one stamp; never changed, only replaced."""

    stamp: int
    organization: Organization | None
    users: Mapping[UUID, Member]
    teams: Mapping[UUID, Team]
    memberships: Mapping[UUID, tuple[tuple[UUID, bool], ...]]  # user -> (team, lead)
    roles: Mapping[UUID, Role]
    roles_of: Mapping[UUID, tuple[UUID, ...]]
    record_types: Mapping[str, types.RecordType]  # with custom fields
    by_slug: Mapping[str, types.RecordType]
    tags: Mapping[UUID, Tag]
    relation_kinds: Mapping[str, RelationKind]
    rates: Mapping[str, Decimal]  # the latest rate of each currency
    views: tuple[SavedView, ...]
    off: modules.Off = field(default_factory=lambda: modules.Off(()))  # modules that are switched off
    off_types: frozenset[str] = frozenset()  # the kinds of cards that went with them
    rules: Mapping[str, tuple[SharingRule, ...]] = field(default_factory=dict)  # of each type
    options: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)  # the lists of records.options
    parts: Mapping[str, Any] = field(default_factory=dict)  # what rooms above keep here: see `add_part`
    # What is worked out from this state once and goes with it: actors with their rights, compiled queries.
    actors: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)
    statements: Statements = field(default_factory=Statements, repr=False, compare=False)
    derived: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  # of rooms above, by their keys

    @cached_property
    def types_on(self) -> tuple[types.RecordType, ...]:
        """The kinds of cards people work with: those of no module that is off."""
        return tuple(one for one in self.record_types.values() if one.key not in self.off_types)

    def branch(self, team_id: UUID) -> frozenset[UUID]:
        """A team with all teams below it."""
        found = {team_id}
        grown = True
        while grown:
            below = {key for key, team in self.teams.items() if team.parent_id in found} - found
            grown = bool(below)
            found |= below
        return frozenset(found)


_current: Snapshot | None = None
_parts: dict[str, Callable[[], Any]] = {}


def add_part(key: str, load: Callable[[], Any]) -> None:
    """Keep what a room above needs on every page (pipelines, ...) in the snapshot, as `parts[key]`.

    Whoever writes what `load` reads calls `changed()`, as settings do.
    """
    if key in _parts:
        raise ValueError(f"Part {key} of the snapshot exists already")
    _parts[key] = load


def snapshot(stamp: int | None = None) -> Snapshot:
    """The state of settings now; `stamp` saves its query where the caller has read it with another one."""
    global _current
    wanted = stamps.read(STAMP) if stamp is None else stamp
    held = _current
    if held is None or held.stamp != wanted:
        held = _current = _load(wanted)
    return held


def forget() -> None:
    """Drop the held state: when the database under the process was exchanged (tests, restore)."""
    global _current
    _current = None


def changed() -> None:
    """Call inside the transaction of every change to what the snapshot holds."""
    stamps.bump(STAMP)


def custom_spec(row: CustomField) -> FieldSpec:
    """The FieldSpec of an administrator's field."""
    choices = tuple(
        record_fields.Choice(one["key"], Label.of(one["label"]), int(one.get("hue", 0)), bool(one.get("retired")))
        for one in row.choices
    )
    return FieldSpec(
        row.key, row.kind, Label.of(row.label), unit=row.unit, stored="custom",
        required="" if row.required == "since" else row.required,
        search=row.search, indexed=row.indexed, personal=row.personal, choices=choices,
        help=Label.of(row.help) if row.help else None, group="custom", target=row.target, several=row.several,
        begins=row.begins, since=row.since if row.required == "since" else "", duplicate=row.duplicate,
        extra=_traits(row), formula=row.formula,
        level="read" if row.formula else "write",
    )  # fmt: skip


def _traits(row: CustomField) -> dict[str, Any]:
    """What only some kinds of fields have."""
    if row.kind == "relation":
        return {"backward": Label.of(row.backward)} if row.backward else {}
    if row.kind == "number":
        return {"was_whole": True} if row.was_whole else {}
    return {"accept": tuple(row.accept), "max_size": row.max_size} if row.kind == "file" else {}


def own_label(shipped: Label, texts: Mapping[str, str]) -> Label:
    """What something shipped is called here: in the languages nobody wrote a word for, as it was shipped."""
    return Label.of({**shipped.texts, **texts})


def _called(record_type: types.RecordType, words: Mapping[str, Label]) -> types.RecordType:
    """A shipped type by the company's words for it and its fields."""
    labels = {
        spec.key: own_label(spec.label, words[spec.key].texts)
        for spec in record_type.model.specs + types.COMMON if spec.key in words
    }  # fmt: skip
    return replace(
        record_type, labels=labels, label=own_label(record_type.label, words[ONE].texts if ONE in words else {}),
        plural=own_label(record_type.plural, words[SEVERAL].texts if SEVERAL in words else {}),
    )  # fmt: skip


def _in_force(
    record_type: types.RecordType, custom: tuple[FieldSpec, ...], organization: Organization | None,
    options: Mapping[str, tuple[Choice, ...]], words: Mapping[str, Label], off_types: frozenset[str] = frozenset(),
) -> types.RecordType:  # fmt: skip
    """A type with the administrator's fields, lists and words, without the fields the company has switched off, those
    among them that point to kinds of cards it does without."""
    if words and not record_type.own:
        record_type = _called(record_type, words)
    off = frozenset(
        spec.key for spec in record_type.model.specs if spec.when and not getattr(organization, spec.when, False)
    )
    off |= {spec.key for spec in (*record_type.model.specs, *custom) if spec.target in off_types}
    off |= {spec.key for spec in record_type.model.specs if "if_any" in spec.extra and not options[spec.options]}
    if NEXT_OF in off_types and "board" not in record_type.extra:
        off |= {"next_at"}  # nothing plans one
    if record_type.own and not record_type.columns:
        record_type = replace(record_type, columns=types.first_columns(spec for spec in custom if spec.key not in off))
    used = {spec.options: options[spec.options] for spec in record_type.model.specs if spec.options}
    if not (custom or off or used):
        return record_type
    return replace(record_type, custom=custom, switched_off=off, options=used)


def _load(stamp: int) -> Snapshot:
    custom: dict[str, list[FieldSpec]] = {}
    for row in CustomField.objects.filter(archived_at=None).order_by("position", "id"):
        custom.setdefault(row.type_key, []).append(custom_spec(row))
    organization = Organization.objects.first()
    made = [types.made(row) for row in CustomType.objects.filter(archived_at=None).order_by("position", "id")]
    every = sorted(
        [*types.all_types(), *made], key=lambda one: not (one.lead_when and getattr(organization, one.lead_when, False))
    )
    off = modules.Off(organization.modules_off if organization else ())
    off_types = frozenset(one.key for one in every if off.hides_type(one))
    parts = {key: load() for key, load in _parts.items()}
    options = option_lists.in_force(Option.objects.all(), parts)
    words: dict[str, dict[str, Label]] = {}
    for type_key, part, texts in OwnLabel.objects.values_list("type_key", "part", "label"):
        words.setdefault(type_key, {})[part] = Label.of(texts)
    record_types = {
        one.key: _in_force(
            one, tuple(custom.get(one.key, ())), organization, options, words.get(one.key, {}), off_types
        )
        for one in every
    }
    memberships: dict[UUID, tuple[tuple[UUID, bool], ...]] = {}
    for user_id, team_id, lead in Membership.objects.order_by("-main", "id").values_list("user", "team", "lead"):
        memberships[user_id] = (*memberships.get(user_id, ()), (team_id, lead))
    roles_of: dict[UUID, tuple[UUID, ...]] = {}
    for user_id, role_id in RoleMember.objects.values_list("user", "role"):
        roles_of[user_id] = (*roles_of.get(user_id, ()), role_id)
    rules: dict[str, tuple[SharingRule, ...]] = {}
    for rule in SharingRule.objects.order_by("name", "id"):
        rules[rule.type_key] = (*rules.get(rule.type_key, ()), rule)
    return Snapshot(
        stamp=stamp,
        organization=organization,
        users={
            user.id: Member(
                user.id, user.name, user.email, user.initials, user.hue, user.active, user.administrator,
                user.language, user.timezone, user.job_title, user.manager_id, user.prefs,
            )
            for user in User.objects.order_by("name")
        },
        teams={team.id: team for team in Team.objects.order_by("position", "name")},
        memberships=memberships,
        roles={role.id: role for role in Role.objects.all()},
        roles_of=roles_of,
        record_types=record_types,
        by_slug={one.slug: one for one in record_types.values() if one.key not in off_types},
        off=off,
        off_types=off_types,
        tags={tag.id: tag for tag in Tag.objects.order_by("fold")},
        relation_kinds={kind.key: kind for kind in RelationKind.objects.filter(archived_at=None)},
        views=tuple(SavedView.objects.order_by("position", "id")),
        rules=rules,
        options=options,
        parts=parts,
        rates=dict(ExchangeRate.objects.order_by("day").values_list("currency", "rate")),
    )  # fmt: skip

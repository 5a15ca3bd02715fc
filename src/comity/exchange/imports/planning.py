"""What some rows of a file would do: cards to be made, changed, left; notes; what is refused and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from comity.changes import intake
from comity.changes.bus import Work
from comity.changes.intake import Coming
from comity.exchange.imports.matching import Here, match_keys, same_name, shared
from comity.exchange.imports.shaping import Part, Shape, Shaped
from comity.kernel.errors import Invalid, Refused
from comity.kernel.text import listed
from comity.records import kinds
from comity.records.fields import CONTACT_KINDS, LINK_KINDS, FieldSpec
from comity.records.models import RecordRef
from comity.records.types import RecordType

POLICIES = ("empty", "overwrite", "create", "link")
MOST_SAMPLES = 20
UNION = CONTACT_KINDS | {"tags", "choices", "languages", "relation"}


@dataclass
class Writing:
    """A note to be put on a card, dated as it was."""

    ref: RecordRef
    text: str
    at: datetime | None
    author: UUID | None
    row: int


@dataclass
class Picture:
    """A picture to be put on a card as a file; `values`: what the card holds."""

    type: RecordType
    id: UUID
    values: dict[str, Any]
    content: bytes
    mime: str
    row: int


@dataclass
class Change:
    """A card that is here and what it gets."""

    type: RecordType
    record: Any
    before: dict[str, Any]
    values: dict[str, Any]
    row: int


@dataclass
class Planned:
    """What rows come to. `counts`: {type: {"made", "changed", "same"}}, "refused", "rows"; `told`: rows that were taken
    but of which something is to be said."""

    makes: list[Coming] = field(default_factory=list)
    changes: dict[UUID, Change] = field(default_factory=dict)
    notes: list[Writing] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    keys: list[tuple[str, str, str, UUID, int, bool]] = field(default_factory=list)  # columns of ExternalKey
    refused: list[tuple[Shaped, list[list[str]]]] = field(default_factory=list)
    told: list[tuple[Shaped, list[list[str]]]] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=lambda: {"rows": 0, "refused": 0, "types": {}})
    samples: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[UUID, list[dict[str, Any]]] = field(default_factory=dict)


class Overlay:
    """Cards that are going to be made, by what names them. A dry run keeps one for the whole file."""

    def __init__(self) -> None:
        self._ids: dict[str, UUID] = {}
        self.titles: dict[UUID, str] = {}
        self.coming: dict[UUID, Coming] = {}

    def find(self, type_key: str, keys: Sequence[str]) -> UUID | None:
        """The card to be made that one of these keys names."""
        return next((self._ids[name] for key in keys if (name := f"{type_key} {key}") in self._ids), None)

    def add(self, type_key: str, keys: Sequence[str], record_id: UUID, title: str) -> None:
        """Remember what names a card."""
        self.titles.setdefault(record_id, title)
        for key in keys:
            self._ids.setdefault(f"{type_key} {key}", record_id)


class Planner:
    """Plans the rows of one load, some at a time."""

    def __init__(self, work: Work, shape: Shape, chosen: Mapping[str, Any], origin: str, overlay: Overlay) -> None:
        self.work, self.shape, self.overlay, self.origin = work, shape, overlay, origin
        self.policy = {key: chosen.get("policy", {}).get(key, "empty") for key in shape.order}
        self.keys = {key: list(chosen.get("keys", {}).get(key, ())) for key in shape.order}
        self.links = {
            key: [spec for spec in record_type.specs if spec.kind in LINK_KINDS and spec.level == "write"]
            for key, record_type in shape.types.items()
        }
        self.planned = Planned()
        self._kept: set[tuple[str, str, UUID]] = set()

    def plan(self, rows: Sequence[Shaped], lock: bool = True) -> Planned:
        """What these rows come to."""
        here: dict[str, Here] = {}
        found: dict[tuple[int, str], tuple[list[UUID], str]] = {}
        for key in self.shape.order:
            parts = [row.parts[key] for row in rows if key in row.parts and not row.problems]
            here[key] = Here(self.work.actor, self.shape.types[key], self.shape.source, self.keys[key], parts)
            for row in rows:
                if key in row.parts and not row.problems:
                    found[row.position, key] = here[key].find(row.parts[key])
        self.here = here
        self.held = {
            key: intake.held(
                self.work, self.shape.types[key], {ids[0] for (_at, one), (ids, _by) in found.items()
                                                   if one == key and len(ids) == 1}, lock=lock,
            )
            for key in self.shape.order
            if self.policy[key] in ("empty", "overwrite")
        }  # fmt: skip
        for row in rows:
            self.planned.counts["rows"] += 1
            problems = row.problems or self._row(row, found)
            if problems:
                self.planned.counts["refused"] += 1
                self.planned.refused.append((row, problems))
        return self.planned

    def _row(self, row: Shaped, found: Mapping[tuple[int, str], tuple[list[UUID], str]]) -> list[list[str]]:
        """Plan one row, wholly or not at all; what is wrong with it."""
        main = row.parts[row.main]
        refs: dict[str, UUID] = {}
        fresh: list[tuple[Part, Coming]] = []
        known: list[tuple[Part, UUID, str]] = []
        for key in self.shape.order:
            part = row.parts.get(key)
            if part is None:
                continue
            ids, by = found[row.position, key]
            pending = self._pending(part)
            if pending is None and len(ids) > 1:
                titles = listed([self.here[key].titles[one] for one in ids[:3]], self.work.actor.language)
                return [["", _("Several cards here fit this row: %(titles)s. Merge them first.") % {"titles": titles}]]
            self._link(part, refs)
            if pending is not None or ids:
                refs[key] = pending or ids[0]
                known.append((part, refs[key], by))
                continue
            if part is not main and (self.policy[key] == "link" or not part.type.title(part.values, "en")[0]):
                main.kept += _as_lines(part, self.work.actor.language)
                continue
            problem = self._coming(row, part, fresh)
            if problem:
                return problem
            refs[key] = fresh[-1][1].id
        for part, coming in fresh:
            self._make(row, part, coming)
        for part, record_id, by in known:
            self._meet(row, part, record_id, by)
        return []

    def _pending(self, part: Part) -> UUID | None:
        """The card to be made that this part of a row means."""
        type_key = part.type.key
        found = self.overlay.find(type_key, part.keys)
        if found is not None:
            return found
        for key, value in match_keys(part, self.keys[type_key]):
            one = self.overlay.find(type_key, [f"{key}={value}"])
            if one is None or (part.external and self._has_another_key(one, part)):
                continue
            if key == "name" or not shared(part.type, key) or same_name(part, self.overlay.titles[one]):
                return one
        return None

    def _has_another_key(self, record_id: UUID, part: Part) -> bool:
        return self.overlay.find(part.type.key, [f"own {record_id}"]) is not None

    def _link(self, part: Part, refs: Mapping[str, UUID]) -> None:
        """Point to the other cards of the row."""
        for spec in self.links[part.type.key]:
            if spec.key in part.values:
                continue
            if spec.kind == "link" and spec.target in refs:
                part.values[spec.key] = refs[spec.target]
            elif spec.kind == "relation" and spec.target in refs:
                part.values[spec.key] = (RecordRef(spec.target, refs[spec.target]),)
            elif spec.kind == "card" and refs:
                key = next(one for one in ("deal", "lead", "person", "company", *refs) if one in refs)
                part.values[spec.key] = RecordRef(key, refs[key])

    def _coming(self, row: Shaped, part: Part, fresh: list[tuple[Part, Coming]]) -> list[list[str]]:
        """A new card, checked; what is wrong with it."""
        actor = self.work.actor
        lacking = self.shape.cleaners[part.type.key].lacking(part.values)
        label = part.type.label[actor.language]
        if lacking:
            return [[part.type.spec(key).label[actor.language], " ".join(texts)] for key, texts in lacking.items()]
        origin = {"import": self.origin, "row": row.number}
        if part.created_at:
            origin["original"] = part.created_at.isoformat()
        values = dict(part.values)
        if part.closed_at:
            values["closed_at"] = part.closed_at
        coming = Coming(part.type, values, created_at=part.created_at, created_by=part.author, origin=origin)
        try:
            intake.begin(self.work, coming)
        except Refused:
            return [["", _("You may not add cards of this kind: %(kind)s.") % {"kind": label}]]
        except Invalid as problem:
            return _words(part.type, actor.language, problem)
        fresh.append((part, coming))
        return []

    def _make(self, row: Shaped, part: Part, coming: Coming) -> None:
        type_key = part.type.key
        self.planned.makes.append(coming)
        self._count(type_key, "made")
        self._sample(row, part, "made", coming.values, [])
        self._remember(part, coming.id, part.type.title(coming.values, "en")[0])
        self.overlay.coming[coming.id] = coming
        self._keep_keys(row, part, coming.id, made=True)
        self._write(row, part, coming.id, coming.values)

    def _remember(self, part: Part, record_id: UUID, title: str) -> None:
        type_key = part.type.key
        names = [*part.keys, *(f"{key}={value}" for key, value in match_keys(part, self.keys[type_key]))]
        if part.external:
            names.append(f"own {record_id}")
        self.overlay.add(type_key, names, record_id, title)

    def _meet(self, row: Shaped, part: Part, record_id: UUID, by: str) -> None:
        """A card that is here, or is going to be by a row above."""
        type_key, policy = part.type.key, self.policy[part.type.key]
        coming = self.overlay.coming.get(record_id)
        self._remember(part, record_id, self.here[type_key].titles.get(record_id, ""))
        if coming is not None:
            if policy in ("empty", "overwrite") or part is row.parts[row.main]:
                for key, value in merged(part.type, coming.values, part.values, policy).items():
                    coming.values[key] = value
            self._count(type_key, "same")
            self._write(row, part, record_id, coming.values)
            return
        if by != "key":
            self._keep_keys(row, part, record_id, made=False)
        held = self.held.get(type_key, {}).get(record_id)
        before = self.planned.changes[record_id].values if record_id in self.planned.changes else None
        given = {key: value for key, value in part.values.items() if key not in intake.way_of(type_key).fields}
        if held is None:
            self._count(type_key, "same")
            if policy in ("empty", "overwrite") and record_id in self.here[type_key].titles and given:
                title = self.here[type_key].titles[record_id]
                text = _("“%(title)s” is here already, and you may not change it.") % {"title": title}
                self.planned.told.append((row, [["", text]]))
            return
        record, values = held
        values = values | (before or {})
        more = merged(part.type, values, given, policy)
        if more:
            change = self.planned.changes.get(record_id)
            if change is None:
                change = self.planned.changes[record_id] = Change(part.type, record, held[1], {}, row.number)
                self._count(type_key, "changed")
                self._sample(row, part, "changed", values, list(more))
            change.values |= more
        else:
            self._count(type_key, "same")
        self._write(row, part, record_id, values)

    def _keep_keys(self, row: Shaped, part: Part, record_id: UUID, *, made: bool) -> None:
        names = list(part.keys)
        if part.values.get("tax_number"):
            names = [*names, *(f"t:{value}" for key, value in match_keys(part, ["tax_number"]))]
        for name in names:
            known = (part.type.key, name, record_id)
            if known not in self._kept:
                self._kept.add(known)
                self.planned.keys.append((self.shape.source, *known, row.number, made))

    def _write(self, row: Shaped, part: Part, record_id: UUID, values: Mapping[str, Any]) -> None:
        ref = RecordRef(part.type.key, record_id)
        texts = list(part.notes)
        if part.kept:
            texts.append("\n".join(part.kept))
        for text in texts:
            self.planned.notes.append(Writing(ref, text.strip()[:20_000], part.created_at, part.author, row.number))
        if part.photo:
            picture = Picture(part.type, record_id, dict(values), part.photo, part.photo_mime, row.number)
            self.planned.pictures.append(picture)
        if part.line.get("name"):
            self.planned.lines.setdefault(record_id, []).append(part.line)

    def _count(self, type_key: str, what: str) -> None:
        counted = self.planned.counts["types"].setdefault(type_key, {"made": 0, "changed": 0, "same": 0})
        counted[what] += 1

    def _sample(self, row: Shaped, part: Part, what: str, values: Mapping[str, Any], fields: list[str]) -> None:
        counted = self.planned.counts["types"][part.type.key][what]
        if counted <= MOST_SAMPLES:
            title = part.type.title(values, self.work.actor.language)[0]
            self.planned.samples.append(
                {"row": row.number, "type": part.type.key, "what": what, "title": title[:120], "fields": fields}
            )


def merged(record_type: RecordType, before: Mapping[str, Any], given: Mapping[str, Any], policy: str) -> dict[str, Any]:
    """What a card gets of a row: what it lacks, or all that differs; phones and tags are added to, never lost."""
    found: dict[str, Any] = {}
    if policy not in ("empty", "overwrite"):
        return found
    for key, value in given.items():
        if kinds.empty(value):
            continue
        spec = record_type.spec(key)
        held = before.get(key)
        if spec.kind in UNION and not (spec.kind == "relation" and not spec.several):
            whole = _union(spec, held or (), value)
            if len(whole) > len(held or ()):
                found[key] = whole
        elif kinds.empty(held) or (policy == "overwrite" and held != value):
            if spec.kind == "address" and policy == "overwrite" and held:
                value = {**held, **value}
                if value == held:
                    continue
            found[key] = value
    return found


def _union(spec: FieldSpec, held: tuple[Any, ...], value: tuple[Any, ...]) -> tuple[Any, ...]:
    if spec.kind in CONTACT_KINDS:
        known = {point["value"] for point in held}
        return (*held, *(point for point in value if point["value"] not in known))
    whole = (*held, *(one for one in value if one not in held))
    return tuple(sorted(whole)) if spec.kind == "tags" else whole


def _as_lines(part: Part, language: str) -> list[str]:
    """What a row says of a card that is not made, for a note."""
    found = [f"{part.type.label[language]}: {part.external}"] if part.external else []
    for key, value in part.raw.items():
        text = value
        if isinstance(value, list):
            text = ", ".join(str(one.get("value", one)) if isinstance(one, dict) else str(one) for one in value)
        elif isinstance(value, dict):
            text = ", ".join(str(one) for one in value.values() if one)
        found.append(f"{part.type.label[language]}, {part.type.spec(key).label[language]}: {text}")
    return [*found, *part.kept, *part.notes]


def _words(record_type: RecordType, language: str, problem: Invalid) -> list[list[str]]:
    labels = {spec.key: spec.label[language] for spec in record_type.specs}
    found = [[labels.get(key, ""), str(text)] for key, texts in problem.fields.items() for text in texts]
    return found or [["", str(problem.what)]]

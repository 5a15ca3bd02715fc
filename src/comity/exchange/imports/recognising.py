"""Which program a file is from, what a row of it tells of, and what each of its columns fills."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comity.access.actors import Actor
from comity.exchange.imports import headings, programs, targets
from comity.exchange.imports.programs import Form
from comity.exchange.imports.programs.plain import FORMS as PLAIN
from comity.exchange.imports.targets import Target
from comity.records.types import RecordType

SURE, LIKELY, UNKNOWN = 2, 1, 0
ENOUGH = 0.5  # of the headings a program's form must know
FEWEST = 3
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_PHONE = re.compile(r"\+?[\d\s().\-]{7,20}")


@dataclass(frozen=True)
class Proposal:
    """What a file seems to be. `columns`: for each heading (target as text or "", how sure)."""

    program: str
    main: str
    columns: tuple[tuple[str, int], ...]


def of_form(form: Form, heading: str) -> str:
    """What a form says of a heading; "" where it does not know it."""
    if heading.startswith(headings.MARK):
        return targets.LEFT_OUT
    name = headings.normal(heading)
    return form.aliases.get(name) or form.aliases.get(headings.numbered(name)) or ""


def propose(
    actor: Actor, header: Sequence[str], samples: Sequence[Sequence[str]], file_format: str = "", main: str = ""
) -> Proposal:
    """A mapping for a header; `main` as a person has said. `samples`: some texts of each column."""
    types = {one.key for one in targets.types(actor)}
    form = _program(header, file_format, types if not main else {main})
    if form is None:
        own = own_type(actor, header, types if not main else {main})
        main = main or own or (sorted(types)[0] if types else "")
        plain = next((one for one in PLAIN if one.main == main), None)
        columns = [_plain(actor, main, plain, heading, some) for heading, some in zip(header, samples, strict=True)]
        return Proposal("", main, _settled(actor, columns, header))
    main = form.main
    plain = next((one for one in PLAIN if one.main == main), None)
    columns = []
    for heading, some in zip(header, samples, strict=True):
        target = of_form(form, heading)
        columns.append((target, SURE) if target else _plain(actor, main, plain, heading, some, foreign=True))
    return Proposal(form.program, main, _settled(actor, columns, header, form))


def _program(header: Sequence[str], file_format: str, types: set[str]) -> Form | None:
    """The form that knows most of the headings, the rare ones counting more."""
    known = programs.forms()
    if file_format == "vcard":
        return next(one for one in known if one.program == "vcard") if "person" in types else None
    filled = [heading for heading in header if heading.strip() and not heading.startswith(headings.MARK)]
    best: tuple[float, Form] | None = None
    for form in known:
        if form.main not in types or form.program == "vcard":
            continue
        hits = [heading for heading in filled if of_form(form, heading)]
        coverage = len(hits) / len(filled) if filled else 0
        if len(hits) < FEWEST or coverage < ENOUGH:
            continue
        rare = sum(1 / sum(1 for other in known if of_form(other, heading)) for heading in hits)
        if best is None or rare * coverage > best[0]:
            best = (rare * coverage, form)
    if best is None or best[0] < 1:  # headings that any program may have, and people too
        return None
    return best[1]


def labels(actor: Actor, record_type: RecordType) -> Mapping[str, Target]:
    """The labels of a type's fields in every language, custom ones included: what our own exports are headed with."""
    key = ("import labels", record_type.key)
    held: Mapping[str, Target] | None = actor.derived.get(key)
    if held is None:
        found: dict[str, Target] = {}
        for spec in targets.fields(actor, record_type):
            for text in (*spec.label.texts.values(), spec.key):
                found.setdefault(headings.normal(text), Target(record_type.key, spec.key))
        for spec in record_type.specs:
            if spec.key in ("created_at",):
                for text in spec.label.texts.values():
                    found.setdefault(headings.normal(text), Target(record_type.key, targets.CREATED))
        held = actor.derived[key] = found
    return held


def own_type(actor: Actor, header: Sequence[str], types: set[str]) -> str:
    """The type whose fields the headings name most."""
    best, most = "", 0.0
    for record_type in targets.types(actor):
        if record_type.key not in types:
            continue
        own = labels(actor, record_type)
        plain = next((one for one in PLAIN if one.main == record_type.key), None)
        score = 0.0
        for heading in header:
            name = headings.normal(heading)
            if name in own:
                score += 1
            elif plain and (target := of_form(plain, heading)):
                score += 0.9 if target.startswith(f"{record_type.key}.") else 0.6
        if score > most:
            best, most = record_type.key, score
    return best


def _plain(
    actor: Actor, main: str, plain: Form | None, heading: str, samples: Sequence[str], foreign: bool = False
) -> tuple[str, int]:
    """What a heading no program's form knows may mean."""
    record_type = actor.state.record_types.get(main)
    if record_type is None:
        return "", UNKNOWN
    name = headings.normal(heading)
    own = labels(actor, record_type).get(name)
    if own is not None:
        return str(own), LIKELY if foreign else SURE
    if plain and (target := of_form(plain, heading)):
        return target, LIKELY if foreign else SURE
    entity, rest = headings.entity(heading)
    other = actor.state.record_types.get(entity)
    if other is not None and entity in {one.key for one in targets.reachable(actor, main)}:
        found = labels(actor, other).get(rest)
        if found is not None:
            return str(found), LIKELY
        its = next((one for one in PLAIN if one.main == entity), None)
        if its and (said := of_form(its, rest)):
            return said, LIKELY
    return _by_content(actor, record_type, samples)


def _by_content(actor: Actor, record_type: RecordType, samples: Sequence[str]) -> tuple[str, int]:
    """E-mails and telephones are known by what they look like."""
    some = [one for one in samples if one.strip()]
    if len(some) < 2:
        return "", UNKNOWN
    parts = [record_type.key, "person"]
    for kind, pattern in (("emails", _EMAIL), ("phones", _PHONE)):
        if all(pattern.fullmatch(one.strip()) and (kind != "phones" or one.lstrip().startswith("+")) for one in some):
            for part in parts:
                target = Target(part, kind)
                if targets.fits(actor, target):
                    return str(target), LIKELY
    return "", UNKNOWN


def _settled(
    actor: Actor, columns: list[tuple[str, int]], header: Sequence[str], form: Form | None = None
) -> tuple[tuple[str, int], ...]:
    """Without what the actor may not fill; of two columns for one value the second is doubtful, but where the program
    itself has two."""
    taken: dict[str, str] = {}
    found: list[tuple[str, int]] = []
    for (text, sure), heading in zip(columns, header, strict=True):
        target = targets.parse(text)
        if text == targets.LEFT_OUT:
            found.append((text, sure))
            continue
        if target is not None and not targets.fits(actor, target):
            target = _instead(actor, target)
            text = str(target) if target else ""
        if target is None:
            found.append(("", UNKNOWN))
            continue
        known = form is not None and of_form(form, heading) != ""
        if (
            not known
            and _single(actor, target)
            and taken.get(text, headings.normal(heading)) != headings.normal(heading)
        ):
            sure = min(sure, LIKELY)
        taken.setdefault(text, headings.normal(heading))
        found.append((text, sure))
    return tuple(found)


def _instead(actor: Actor, target: Target) -> Target | None:
    """What he may not fill is kept as a line of a note, where it is a field at all."""
    note = Target(target.part, targets.NOTE, target.field)
    record_type: Any = actor.state.record_types.get(target.part)
    known = record_type is not None and any(spec.key == target.field for spec in record_type.specs)
    return note if not known and targets.fits(actor, note) and target.field != targets.CLOSED else None


def _single(actor: Actor, target: Target) -> bool:
    """Whether only one column can fill it."""
    if target.field in (targets.NOTE, targets.LINES) or target.sub:
        return False
    spec = next((one for one in actor.state.record_types[target.part].specs if one.key == target.field), None)
    return spec is None or spec.kind not in ("phones", "emails", "handles", "tags", "longtext", "address")

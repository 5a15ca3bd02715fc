"""All formulas of a house: parsed, checked, in the order of their calculation, with what depends on what."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.records.fields import FieldSpec
from comity.records.formulas.checking import Checked, check
from comity.records.formulas.parsing import known
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.tree import Name, Path, walk
from comity.records.formulas.uses import Rollup

if TYPE_CHECKING:
    from comity.records.types import RecordType

Place = tuple[str, str]  # (type key, field key)


@dataclass(frozen=True)
class Formula:
    """A formula field of a type; `checked` is None where it does not fit its fields any more (`wrong` says why)."""

    type_key: str
    spec: FieldSpec
    checked: Checked | None
    wrong: str = ""

    @property
    def place(self) -> Place:
        """Its type and key."""
        return self.type_key, self.spec.key

    @property
    def behind(self) -> bool:
        """Whether it depends on other cards."""
        return self.checked is not None and self.checked.uses.behind


@dataclass(frozen=True)
class Follower:
    """A formula that depends on a field of other cards.

    link    its own card's link to them; "" for a roll-up
    rollup  the figure over them; None where it follows a link
    """

    formula: Formula
    link: str = ""
    rollup: Rollup | None = None


def own_names(source: str) -> frozenset[str]:
    """The fields of its own card that a formula names, unchecked: links that it follows among them."""
    tree = known(source)
    if tree is None:
        return frozenset()
    found = {node.key for node in walk(tree) if isinstance(node, Name)}
    return frozenset(found | {node.head for node in walk(tree) if isinstance(node, Path)})


def far_names(source: str) -> frozenset[tuple[str, str]]:
    """What it names behind a dot, unchecked: (link of its own card or type summed up, field there)."""
    tree = known(source)
    return frozenset((node.head, node.key) for node in walk(tree) if isinstance(node, Path)) if tree else frozenset()


class Book:
    """The formulas of these types."""

    def __init__(self, types: "Mapping[str, RecordType]") -> None:
        found = {key: [_formula(one, spec, types) for spec in one.custom if spec.formula] for key, one in types.items()}
        self.by_type: dict[str, tuple[Formula, ...]] = {
            key: tuple(_ordered(formulas)) for key, formulas in found.items() if formulas
        }

    def of(self, type_key: str) -> tuple[Formula, ...]:
        """The formulas of a type, each behind those of its card that it needs."""
        return self.by_type.get(type_key, ())

    def every(self) -> Iterable[Formula]:
        """All of them."""
        return (formula for formulas in self.by_type.values() for formula in formulas)

    def touched(self, type_key: str, keys: Collection[str], *, behind: bool = True) -> set[str]:
        """The formulas of a card that change, or may, when these fields of it do: each with those it leads to.

        Without `behind`, only those that are counted with the change.
        """
        changed, found = set(keys), set()
        for formula in self.of(type_key):
            if formula.behind and not behind:
                continue
            if formula.checked is not None and not changed.isdisjoint(formula.checked.uses.own):
                changed.add(formula.spec.key)
                found.add(formula.spec.key)
        return found

    def followers(self, type_key: str, keys: Collection[str] | None) -> list[Follower]:
        """The formulas of other cards that read these fields of a type's cards (None: any of them)."""
        wanted, found = None if keys is None else set(keys), []
        for formula in self.every():
            if formula.checked is None:
                continue
            uses = formula.checked.uses
            links = {link for link, target, key in uses.far if target == type_key and (wanted is None or key in wanted)}
            found += [Follower(formula, link=link) for link in sorted(links)]
            for rollup, reads in uses.reads.items():
                if rollup.type_key == type_key and (wanted is None or wanted & reads):
                    found.append(Follower(formula, rollup=rollup))
        return found

    def needs(self, formula: Formula) -> set[Place]:
        """The fields a formula is made from."""
        if formula.checked is None:
            return set()
        uses = formula.checked.uses
        found = {(formula.type_key, key) for key in uses.own} | {(target, key) for _link, target, key in uses.far}
        for rollup, reads in uses.reads.items():
            found |= {(rollup.type_key, key) for key in reads}
        return found

    def circle(self) -> list[Place]:
        """Formulas that depend on each other in a circle, the first one again at the end; [] when there are none."""
        edges = {formula.place: sorted(self.needs(formula)) for formula in self.every()}
        done: set[Place] = set()
        for start in edges:
            path: list[Place] = []
            pending: list[tuple[Place, bool]] = [(start, False)]
            while pending:
                place, left = pending.pop()
                if left:
                    path.pop()
                    done.add(place)
                elif place in path:
                    return [*path[path.index(place) :], place]
                elif place not in done:
                    path.append(place)
                    pending.append((place, True))
                    pending += [(one, False) for one in edges.get(place, ()) if one in edges]
        return []


def _formula(record_type: "RecordType", spec: FieldSpec, types: "Mapping[str, RecordType]") -> Formula:
    tree = known(spec.formula)
    if tree is None:
        return Formula(record_type.key, spec, None, spec.formula)
    try:
        return Formula(record_type.key, spec, check(tree, record_type, types))
    except BadFormula as problem:
        return Formula(record_type.key, spec, None, str(problem))


def _ordered(formulas: list[Formula]) -> list[Formula]:
    """Each behind those of the same card that it needs; those in a circle, which writing refuses, come last."""
    left, found = {one.spec.key: one for one in formulas}, []
    while left:
        ready = [
            one for one in left.values()
            if one.checked is None or one.checked.uses.own.isdisjoint(left.keys() - {one.spec.key})
        ]  # fmt: skip
        for one in ready or list(left.values()):
            found.append(one)
            del left[one.spec.key]
    return found

"""Does a formula make sense for a type: do its fields exist, do kinds and units go together, what does it give?"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from comity.records.fields import OWN, FieldSpec
from comity.records.formulas import functions, shapes
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.shapes import Shape
from comity.records.formulas.tree import COMPARISONS, Binary, Call, Name, Node, Number, Path, Text, Unary, Word
from comity.records.formulas.uses import Rollup, Uses

if TYPE_CHECKING:
    from comity.records.types import RecordType

Types = Mapping[str, "RecordType"]
_SHOWN = 12


@dataclass(frozen=True)
class Checked:
    """What a formula gives, and what it is made from."""

    tree: Node
    shape: Shape
    uses: Uses


def check(tree: Node, record_type: "RecordType", types: Types) -> Checked:
    """Check a formula for the cards of a type; raises BadFormula."""
    checker = _Checker(record_type, types)
    shape = checker.shape(tree)
    if shape.kind in ("nothing", "card", "keys"):
        raise BadFormula(_("The formula gives nothing that a field can hold."), 0)
    return Checked(tree, shape, checker.uses)


class _Checker:
    """Goes through a tree; gathers what it uses."""

    def __init__(self, record_type: "RecordType", types: Types) -> None:
        self.type, self.types, self.uses = record_type, types, Uses()
        self.source: RecordType | None = None  # of the roll-up whose condition is looked at
        self.read: set[str] = set()

    def shape(self, node: Node) -> Shape:
        """What a node gives."""
        match node:
            case Number(value=value):
                return Shape("integer" if value == value.to_integral_value() else "number")
            case Text():
                return shapes.TEXT
            case Word(value=value):
                return shapes.NOTHING if value is None else shapes.BOOL
            case Name():
                return self._own(node)
            case Path():
                return self._path(node)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
        return self._call(node)

    # --- fields ------------------------------------------------------------------------------------------------------

    def _own(self, node: Name) -> Shape:
        if node.via:
            raise BadFormula(_("Square brackets name a link within sum(), count() and the like only."), node.at)
        if self.source is not None:
            text = _("Here stand fields of the cards that are counted: write %(type)s.%(field)s.")
            raise BadFormula(text % {"type": self.source.key, "field": node.key}, node.at)
        spec = self._spec(self.type, node.key, node.at)
        self.uses.own.add(node.key)
        return self._usable(spec, node.at)

    def _spec(self, record_type: "RecordType", key: str, at: int) -> FieldSpec:
        try:
            return record_type.spec(key)
        except KeyError:
            pass
        keys = [spec.key for spec in record_type.specs if shapes.of_field(spec)]
        near = get_close_matches(key, keys, 1, 0.6) or get_close_matches(OWN + key, keys, 1, 0.6)
        if near:
            text = _("There is no field “%(key)s” here. Did you mean “%(near)s”?")
            raise BadFormula(text % {"key": key, "near": near[0]}, at)
        raise BadFormula(_("There is no field “%(key)s” here.") % {"key": key}, at)

    def _usable(self, spec: FieldSpec, at: int) -> Shape:
        shape = shapes.of_field(spec)
        if shape is None:
            raise BadFormula(_("Formulas can't calculate with the field “%(key)s”.") % {"key": spec.key}, at)
        return shape

    def _path(self, node: Path) -> Shape:
        if self.source is not None:
            if node.head != self.source.key or node.via:
                text = _("Here stand fields of the cards that are counted: write %(type)s.%(field)s.")
                raise BadFormula(text % {"type": self.source.key, "field": node.key}, node.at)
            self.read.add(node.key)
            return self._usable(self._spec(self.source, node.key, node.at), node.at)
        link = next((spec for spec in self.type.specs if spec.key == node.head), None)
        if link is None or not leads_to_one(link) or node.via:
            if node.head in self.types:
                text = _("There are many such cards: write sum(%(path)s), count(%(type)s) or the like.")
                path = f"{node.head}.{node.key}"
                raise BadFormula(text % {"path": path, "type": node.head}, node.at)
            raise BadFormula(_("“%(key)s” is no link to another card.") % {"key": node.head}, node.at)
        target = self.types.get(link.target)
        if target is None:
            raise BadFormula(_("“%(key)s” is no link to another card.") % {"key": node.head}, node.at)
        shape = self._usable(self._spec(target, node.key, node.at), node.at)
        self.uses.own.add(node.head)
        self.uses.far.add((node.head, target.key, node.key))
        return shape

    # --- between -----------------------------------------------------------------------------------------------------

    def _unary(self, node: Unary) -> Shape:
        shape = self.shape(node.operand)
        if node.op == "not":
            if shape.kind not in ("bool", "nothing"):
                raise BadFormula(_("“not” wants a yes or no behind it, such as a comparison."), node.at)
            return shapes.BOOL
        if shape.kind not in shapes.SUMMED | {"nothing"}:
            raise BadFormula(_("A minus stands before numbers only."), node.at)
        return shape

    def _binary(self, node: Binary) -> Shape:
        a, b = self.shape(node.left), self.shape(node.right)
        if node.op in ("and", "or"):
            if not {a.kind, b.kind} <= {"bool", "nothing"}:
                text = _("“%(word)s” wants a yes or no on both sides, such as comparisons.")
                raise BadFormula(text % {"word": node.op}, node.at)
            return shapes.BOOL
        if node.op in COMPARISONS:
            return self._comparison(node, a, b)
        if "nothing" in (a.kind, b.kind):
            return b if a.kind == "nothing" else a
        if node.op == "*":
            found = shapes.product(a, b)
            bare = [one for one in (a, b) if one.kind in shapes.NUMERIC and not one.unit]
            if found == shapes.PERCENT and bare:
                self.uses.scaled.add(node)
        elif node.op == "/":
            found = shapes.quotient(a, b)
        else:
            found = self._sum(node.op, a, b)
        if found is None:
            raise BadFormula(_unfit(node.op, a, b), node.at)
        return found

    def _sum(self, op: str, a: Shape, b: Shape) -> Shape | None:
        dated = ("date", "datetime")
        if op == "%":
            return shapes.united(a, b) if {a.kind, b.kind} <= shapes.NUMERIC else None
        if a.kind in dated and b.kind in shapes.NUMERIC:
            return a if b.unit in ("", "days") else None
        if op == "+" and b.kind in dated and a.kind in shapes.NUMERIC:
            return b if a.unit in ("", "days") else None
        if op == "-" and a.kind == b.kind and a.kind in dated:
            return shapes.DAYS if a.kind == "date" else Shape("number", "hours")
        if op == "+" and a.kind == b.kind == "text":
            return shapes.TEXT
        return shapes.united(a, b) if a.kind in shapes.SUMMED and b.kind in shapes.SUMMED else None

    def _comparison(self, node: Binary, a: Shape, b: Shape) -> Shape:
        dated = {a.kind, b.kind} <= {"date", "datetime"}
        found = shapes.united(a, b)
        if not dated and (found is None or found.kind == "keys"):
            raise BadFormula(_unfit(node.op, a, b), node.at)
        if found is not None and found.kind == "bool" and node.op not in ("=", "!="):
            raise BadFormula(_("Yes and no can be equal or not, nothing else."), node.at)
        functions.check_choice(a, node.right)
        functions.check_choice(b, node.left)
        return shapes.BOOL

    # --- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Shape:
        if self._rolls_up(node):
            return self._rollup(node)
        if node.name in functions.LAZY:
            self._counted(node, *functions.LAZY[node.name])
            return self._lazy(node)
        function = functions.TABLE.get(node.name)
        if function is None:
            raise self._no_function(node)
        self._counted(node, function.least, function.most)
        self.uses.daily |= node.name == "today"
        self.uses.rates |= node.name == "convert"
        return function.shape(node, tuple(self.shape(one) for one in node.args))

    def _lazy(self, node: Call) -> Shape:
        given = [self.shape(one) for one in node.args]
        if node.name == "if":
            if given[0].kind not in ("bool", "nothing"):
                raise functions.unfit(node, 0, _("a yes or no, such as a comparison"))
            return functions._same(Call(node.name, node.args[1:], node.at), tuple(given[1:]))
        return functions._same(node, tuple(given))

    def _counted(self, node: Call, least: int, most: int) -> None:
        if not least <= len(node.args) <= most:
            wanted = str(least) if least == most else f"{least}–{most}"
            text = _("%(function)s() takes %(wanted)s values, here are %(given)s.")
            raise BadFormula(text % {"function": node.name, "wanted": wanted, "given": len(node.args)}, node.at)

    def _no_function(self, node: Call) -> BadFormula:
        known = [*functions.TABLE, *functions.LAZY, *functions.ROLLUPS]
        near = get_close_matches(node.name, known, 1, 0.6)
        if near:
            text = _("There is no function “%(name)s”. Did you mean “%(near)s”?")
            return BadFormula(text % {"name": node.name[:40], "near": near[0]}, node.at)
        return BadFormula(_("There is no function “%(name)s”.") % {"name": node.name[:40]}, node.at)

    # --- roll-ups ----------------------------------------------------------------------------------------------------

    def _rolls_up(self, node: Call) -> bool:
        """sum, count and avg always do; min and max where they are given a field of other cards, not of a link."""
        if node.name not in functions.ROLLUPS:
            return False
        if node.name in ("sum", "count", "avg"):
            return True
        first = node.args[0] if node.args else None
        if isinstance(first, Call) and first.name == "convert" and first.args:
            first = first.args[0]
        if not isinstance(first, Path):
            return False
        linked = any(spec.key == first.head and leads_to_one(spec) for spec in self.type.specs)
        return bool(first.via) or len(node.args) == 1 or not linked

    def _rollup(self, node: Call) -> Shape:
        self._counted(node, 1, 2)
        if self.source is not None:
            raise BadFormula(_("A sum within a sum's condition can't be calculated."), node.at)
        figure, into = node.args[0], ""
        if isinstance(figure, Call) and figure.name == "convert" and len(figure.args) == 2:
            into = functions.currency_of(figure.args[1])
            if not into:
                raise functions.unfit(figure, 1, _("a currency in quotes, such as 'EUR'"))
            figure, self.uses.rates = figure.args[0], True
        type_key, key = self._figure(node, figure)
        source = self.types.get(type_key)
        if source is None:
            raise BadFormula(_("There is no kind of cards “%(key)s”.") % {"key": type_key}, figure.at)
        via = self._via(source, getattr(figure, "via", ""), figure.at)
        shape = self._figure_shape(node, source, key, into, figure.at)
        self.source, self.read = source, {via} | ({key} if key else set())
        where = node.args[1] if len(node.args) == 2 else None
        if where is not None:
            if self.shape(where).kind not in ("bool", "nothing"):
                raise BadFormula(_("The condition must be a yes or no, such as a comparison."), where.at)
            check_condition(where, source)
        rollup = Rollup(node.name, source.key, key, via, where, into)
        self.uses.rollups[node], self.uses.reads[rollup] = rollup, frozenset(self.read)
        self.source = None
        return shape

    @staticmethod
    def _figure(node: Call, figure: Node) -> tuple[str, str]:
        """The type and the field that are summed up."""
        if isinstance(figure, Path):
            return figure.head, figure.key
        if isinstance(figure, Name) and node.name == "count":
            return figure.key, ""
        example = 'sum(deal.amount, deal.state = "won")'
        text = _("Write %(function)s() over a field of the cards that link to this one, like %(example)s.")
        raise BadFormula(text % {"function": node.name, "example": example}, figure.at or node.at)

    def _via(self, source: "RecordType", wanted: str, at: int) -> str:
        """The link by which cards of the type belong to this one."""
        links = [spec.key for spec in source.specs if leads_to(spec, self.type.key)]
        if wanted:
            if wanted in links:
                return wanted
            text = _("“%(link)s” is no link of %(type)s to this kind of card.")
            raise BadFormula(text % {"link": wanted, "type": source.key}, at)
        if len(links) == 1:
            return links[0]
        if not links:
            raise BadFormula(_("Cards of “%(type)s” don't link to this kind of card.") % {"type": source.key}, at)
        text = _("Cards of “%(type)s” link to this one in several ways. Name one: %(type)s[%(link)s].")
        raise BadFormula(text % {"type": source.key, "link": links[0]}, at)

    def _figure_shape(self, node: Call, source: "RecordType", key: str, into: str, at: int) -> Shape:
        shape = self._usable(self._spec(source, key, at), at) if key else shapes.WHOLE
        if into and shape.kind != "money":
            raise BadFormula(_("Only money can be converted."), at)
        if node.name == "count":
            return Shape("integer", "pieces")
        if shape.kind == "percent" and node.name == "sum":
            raise BadFormula(_("Percents don't add up. Take their average: avg()."), at)
        if shape.kind in shapes.SUMMED:
            return Shape("number", shape.unit) if node.name == "avg" and shape.kind == "integer" else shape
        if shape.kind in ("date", "datetime") and node.name in ("min", "max"):
            return shape
        raise BadFormula(_("%(function)s() needs numbers.") % {"function": node.name}, at)


def leads_to_one(spec: FieldSpec) -> bool:
    """Whether a field leads to one card of a type that is known."""
    return bool(spec.target) and (spec.kind == "link" or (spec.kind == "relation" and not spec.several))


def leads_to(spec: FieldSpec, type_key: str) -> bool:
    """Whether a field can point to cards of a type."""
    if spec.kind == "relation":
        return spec.target in ("", type_key)
    return spec.stored == "column" and (spec.kind == "card" or (spec.kind == "link" and spec.target == type_key))


def check_condition(node: Node, source: "RecordType") -> None:
    """A roll-up's condition compares fields of those cards with fixed values; raises BadFormula."""
    from comity.records.formulas.conditions import check as check_tree

    check_tree(node, source)


def _unfit(op: str, a: Shape, b: Shape) -> str:
    """Two sides that don't go together, in words."""
    names = {"one": a.words, "other": b.words}
    if "text" in (a.kind, b.kind) and op == "+":
        return _("A text and something else don't add up. Put them together with concat().")
    if "money" in (a.kind, b.kind) and {a.kind, b.kind} <= {"money", *shapes.NUMERIC}:
        text = _("“%(one)s” and “%(other)s” don't go together. Write an amount as %(example)s.")
        return text % (names | {"example": 'money(100, "EUR")'})
    if op in "*/" and {a.kind, b.kind} <= shapes.NUMERIC:
        text = _("Nothing is counted in “%(one)s” by “%(other)s”. Take a unit off with plain().")
        return text % names
    return _("“%(one)s” and “%(other)s” don't go together here.") % names

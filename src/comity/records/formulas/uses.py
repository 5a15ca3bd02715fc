"""What a formula is made from: fields of its card, of linked cards, sums over cards that link to it, the day, rates."""

from dataclasses import dataclass, field

from comity.records.formulas.tree import Node


@dataclass(frozen=True, slots=True)
class Rollup:
    """A figure over the cards of a type that link to this one.

    how    sum | count | avg | min | max
    key    their field; "" = the cards themselves are counted
    via    the key of their link to this card
    where  which of them (a condition over their fields); None = all
    into   the currency their money is converted into; "" = it stays as it is
    """

    how: str
    type_key: str
    key: str
    via: str
    where: Node | None = None
    into: str = ""


@dataclass(slots=True)
class Uses:
    """Gathered while a formula is checked.

    reads   the fields a roll-up looks at, of its type: its figure, its condition, its link
    scaled  products of a percent with a bare number: twice the percent, not that percent of two
    """

    own: set[str] = field(default_factory=set)
    far: set[tuple[str, str, str]] = field(default_factory=set)  # (link of the card, type behind it, field there)
    rollups: dict[Node, Rollup] = field(default_factory=dict)
    reads: dict[Rollup, frozenset[str]] = field(default_factory=dict)
    scaled: set[Node] = field(default_factory=set)
    daily: bool = False
    rates: bool = False

    @property
    def behind(self) -> bool:
        """Whether it depends on other cards: then it is counted after the change, not with it."""
        return bool(self.far or self.rollups)

    @property
    def restless(self) -> bool:
        """Whether its value changes by itself with the day."""
        return self.daily or self.rates

"""What a formula is made of: frozen nodes, equal when they say the same, wherever they stood in the text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written; never below zero (that is a Unary)."""

    value: Decimal
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in quotes."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Word:
    """true, false or nothing."""

    value: bool | None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A field of the card, or in a count the type of cards counted."""

    key: str
    via: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Path:
    """`head.key`: a field of the card that a link leads to, or a field of the type of cards summed up.

    `via`, in square brackets behind the head: by which of their links those cards belong to this one.
    """

    head: str
    key: str
    via: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """A minus, or "not", before something."""

    op: str
    operand: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """Something between two others."""

    op: str
    left: "Node"
    right: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the table with what it is given."""

    name: str
    args: "tuple[Node, ...]"
    at: int = field(default=0, compare=False)


Node = Number | Text | Word | Name | Path | Unary | Binary | Call

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
# How tightly what stands between two others binds them.
BINDS = {"or": 1, "and": 2, **dict.fromkeys(COMPARISONS, 4), "+": 5, "-": 5, "*": 6, "/": 6, "%": 6}
NOT, SIGN = 3, 7


def walk(node: Node) -> Iterator[Node]:
    """The node and everything within it."""
    pending: list[Node] = [node]
    while pending:
        one = pending.pop()
        yield one
        match one:
            case Unary(operand=operand):
                pending.append(operand)
            case Binary(left=left, right=right):
                pending += (right, left)
            case Call(args=args):
                pending += reversed(args)

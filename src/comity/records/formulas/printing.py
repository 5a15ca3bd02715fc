"""From tree to text: with brackets only where they are needed; parsing gives the same tree back."""

from decimal import Decimal

from comity.records.formulas.tree import (
    BINDS,
    COMPARISONS,
    NOT,
    SIGN,
    Binary,
    Call,
    Name,
    Node,
    Number,
    Path,
    Text,
    Unary,
    Word,
)

_WORDS = {True: "true", False: "false", None: "nothing"}


def printed(node: Node, least: int = 0) -> str:
    """The node as text; in brackets where it binds less tightly than `least`."""
    match node:
        case Number(value=value):
            return number(value)
        case Text(value=value):
            return quoted(value)
        case Word(value=word):
            return _WORDS[word]
        case Name(key=key, via=via):
            return f"{key}[{via}]" if via else key
        case Path(head=head, key=key, via=via):
            return f"{head}[{via}].{key}" if via else f"{head}.{key}"
        case Call(name=name, args=args):
            return f"{name}({', '.join(printed(one) for one in args)})"
        case Unary(op="not", operand=operand):
            text, binds = f"not {printed(operand, NOT)}", NOT
        case Unary(operand=operand):
            text, binds = f"-{printed(operand, SIGN)}", SIGN
        case Binary(op=op, left=left, right=right):
            binds = BINDS[op]
            # a < b < c means nothing: a comparison within another one stands in brackets on either side.
            before = binds + 1 if op in COMPARISONS else binds
            text = f"{printed(left, before)} {op} {printed(right, binds + 1)}"
    return f"({text})" if binds < least else text


def number(value: Decimal) -> str:
    """A number with a point, without needless noughts, never with an exponent."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def quoted(text: str) -> str:
    """A text in quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

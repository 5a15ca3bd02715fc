"""From text to tree, by precedence: or, and, not, comparison, + -, * / %, sign, brackets."""

from decimal import Decimal
from functools import lru_cache

from django.utils.translation import gettext as _

from comity.records.formulas.limits import DEPTH, NODES
from comity.records.formulas.problems import BadFormula
from comity.records.formulas.tokens import Token, tokens
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

WORDS: dict[str, bool | None] = {"true": True, "false": False, "nothing": None}
RESERVED = frozenset({*WORDS, "and", "or", "not"})
_KEY = 40  # letters of a key


def parse(source: str) -> Node:
    """The tree of a formula; raises BadFormula."""
    if not source.strip():
        raise BadFormula(_("The formula is empty."))
    reader = _Reader(list(tokens(source)))
    node = reader.expression(0)
    if reader.now.kind != "end":
        raise reader.unexpected()
    return node


@lru_cache(maxsize=2000)
def known(source: str) -> Node | None:
    """The tree of a formula that was checked when it was written; None where it is none after all."""
    try:
        return parse(source)
    except BadFormula:
        return None


class _Reader:
    """The place in the tokens, and how large the tree has grown."""

    def __init__(self, found: list[Token]) -> None:
        self.tokens, self.place, self.nodes, self.depth = found, 0, 0, 0

    @property
    def now(self) -> Token:
        """The token that is looked at."""
        return self.tokens[self.place]

    def step(self) -> Token:
        """The token that was looked at; from here on it is the next one."""
        token = self.now
        self.place += 1
        return token

    def sign(self, text: str) -> bool:
        """Whether this sign comes next; then it is passed."""
        if self.now.kind == "sign" and self.now.text == text:
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass this sign; raises BadFormula where another thing stands."""
        if not self.sign(text):
            raise self.unexpected(text)

    def unexpected(self, wanted: str = "") -> BadFormula:
        """What to say of the token here."""
        token = self.now
        if wanted and token.kind == "end":
            return BadFormula(_("“%(sign)s” is missing here.") % {"sign": wanted}, token.at)
        if token.kind == "end":
            return BadFormula(_("The formula ends too early: something is missing here."), token.at)
        if token.text in COMPARISONS:
            text = _("Compare two things only. Join several comparisons by “and”.")
            return BadFormula(text, token.at)
        if wanted:
            text = _("“%(sign)s” is missing here, before “%(found)s”.") % {"sign": wanted, "found": token.text[:40]}
            return BadFormula(text, token.at)
        return BadFormula(_("“%(found)s” does not fit here.") % {"found": token.text[:40]}, token.at)

    def count(self, at: int) -> int:
        """One more node, which stands there; raises BadFormula when there are too many."""
        self.nodes += 1
        if self.nodes > NODES:
            raise BadFormula(_("The formula is too large. Divide it among several fields."), at)
        return at

    def expression(self, least: int) -> Node:
        """What binds at least so tightly."""
        self.depth += 1
        if self.depth > DEPTH:
            text = _("There are too many brackets within brackets. Divide the formula among several fields.")
            raise BadFormula(text, self.now.at)
        node = self.beginning(least)
        compared = False
        while (binds := self.between()) >= max(least, 1):
            if binds == BINDS["="]:
                if compared:
                    raise self.unexpected()
                compared = True
            token = self.step()
            right = self.expression(binds + 1)
            node = Binary(token.text, node, right, self.count(token.at))
        self.depth -= 1
        return node

    def between(self) -> int:
        """How tightly the token here binds what stands before and after it; 0 = it does not."""
        token = self.now
        joins = token.kind == "sign" or (token.kind == "word" and token.text in ("and", "or"))
        return BINDS.get(token.text, 0) if joins else 0

    def beginning(self, least: int) -> Node:
        """A value, perhaps with a sign or "not" before it."""
        token = self.now
        if token.kind == "word" and token.text == "not":
            if least > NOT:
                raise BadFormula(_("Put “not …” in brackets here."), token.at)
            self.step()
            return Unary("not", self.expression(NOT), self.count(token.at))
        if self.sign("-"):
            return Unary("-", self.expression(SIGN), self.count(token.at))
        if self.sign("("):
            node = self.expression(0)
            self.expect(")")
            return node
        return self.value()

    def value(self) -> Node:
        """A number, a text, a word, a field or a call."""
        token = self.now
        if token.kind not in ("number", "text", "word") or (token.text in ("and", "or") and token.kind == "word"):
            raise self.unexpected()
        self.step()
        at = self.count(token.at)
        if token.kind == "number":
            return Number(Decimal(token.text), at)
        if token.kind == "text":
            return Text(token.text, at)
        if self.sign("("):
            return Call(token.text, self.arguments(), at)
        if token.text in WORDS:
            return Word(WORDS[token.text], at)
        return self.named(token)

    def named(self, token: Token) -> Node:
        """A field, or a field of what it leads to: `key`, `head.key`, `head[link].key`."""
        head, via = self.key(token), ""
        if self.sign("["):
            via = self.key(self.word())
            self.expect("]")
        if not self.sign("."):
            return Name(head, via, token.at)
        key = self.key(self.word())
        if self.now.text == "." and self.now.kind == "sign":
            raise BadFormula(_("A formula follows one link only, not a link of a link."), self.now.at)
        return Path(head, key, via, token.at)

    def word(self) -> Token:
        """The word that must come next."""
        if self.now.kind != "word":
            raise BadFormula(_("The key of a field is missing here."), self.now.at)
        return self.step()

    def key(self, token: Token) -> str:
        """The word as a key."""
        if token.text in RESERVED or len(token.text) > _KEY or token.text.startswith("_"):
            raise BadFormula(_("“%(word)s” is no key of a field.") % {"word": token.text[:_KEY]}, token.at)
        return token.text

    def arguments(self) -> tuple[Node, ...]:
        """What a function is given, up to the closing bracket."""
        found: list[Node] = []
        if self.sign(")"):
            return ()
        while True:
            found.append(self.expression(0))
            if self.sign(")"):
                return tuple(found)
            self.expect(",")

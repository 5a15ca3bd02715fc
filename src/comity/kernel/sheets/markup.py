"""XML read in a stream, without declarations of entities or document types: nothing is fetched, nothing multiplies."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar
from xml.parsers import expat

from django.utils.translation import gettext as _

from comity.kernel.sheets import limits, problems
from comity.kernel.sheets.problems import Place

T = TypeVar("T")
Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def _refuse(*_args: Any) -> Any:
    raise _Forbidden


class _Forbidden(Exception):
    """A document type or an entity is declared."""


def parser(start: Start, end: End, text: Callable[[str], None]) -> expat.XMLParserType:
    """A parser that calls these and refuses every declaration."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartElementHandler = start
    made.EndElementHandler = end
    made.CharacterDataHandler = text
    made.StartDoctypeDeclHandler = _refuse
    made.EntityDeclHandler = _refuse
    made.ExternalEntityRefHandler = _refuse
    return made


def stream(blocks: Iterable[bytes], made: expat.XMLParserType, out: list[T], place: Place) -> Iterator[T]:
    """Feed the blocks and give what the handlers put into `out`, block by block."""
    fed = 0
    try:
        for block in blocks:
            made.Parse(block, False)
            fed += len(block)
            if fed - made.CurrentByteIndex > limits.TOKEN:
                raise problems.too_long_text(place)
            if out:
                yield from out
                out.clear()
        made.Parse(b"", True)
    except _Forbidden:
        raise problems.unsafe(place, _("it declares entities or a document type, as attacks do.")) from None
    except expat.ExpatError as exc:
        raise problems.damaged(place) from exc
    yield from out
    out.clear()


def read(blocks: Iterable[bytes], made: expat.XMLParserType, place: Place) -> None:
    """Feed all the blocks; the handlers keep what they want."""
    nothing: list[None] = []
    for _item in stream(blocks, made, nothing, place):
        pass


def local(name: str) -> str:
    """The name of an element without its prefix."""
    return name.rpartition(":")[2]

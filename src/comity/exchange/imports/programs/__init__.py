"""The headers of known programs: which field each heading of an export fills.

A form is one kind of export of one program. Its lines are "field: heading | heading in another language"; a field of
another card than the form's own is written "company.name". "-" is what is known and has no place here, "@note" becomes
a note, "@id" is the program's own key of the card.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from comity.exchange.imports import headings


@dataclass(frozen=True)
class Form:
    """An export: `main` is the type a row tells of; `aliases` {normal heading: "type.field"}."""

    program: str
    main: str
    aliases: Mapping[str, str]


ABSOLUTE = frozenset(("person", "company", "deal", "lead", "task"))  # what a target of another card begins with


def form(program: str, main: str, lines: str) -> Form:
    """A form out of its lines."""
    aliases: dict[str, str] = {}
    for line in lines.strip().splitlines():
        target, _colon, names = line.partition(": ")
        target = target.strip()
        if target != "-" and target.partition(".")[0] not in ABSOLUTE:
            target = f"{main}.{target}"
        for name in names.split(" | "):
            aliases.setdefault(headings.normal(name.strip()), target)
    return Form(program, main, aliases)


NAMES = {
    "bitrix24": "Bitrix24", "amocrm": "amoCRM", "hubspot": "HubSpot", "pipedrive": "Pipedrive",
    "salesforce": "Salesforce", "google": "Google Contacts", "outlook": "Outlook", "vcard": "vCard",
}  # fmt: skip


@cache
def forms() -> tuple[Form, ...]:
    """All of them."""
    from comity.exchange.imports.programs import address_books, amocrm, bitrix24, hubspot, pipedrive, salesforce

    modules = (bitrix24, amocrm, hubspot, pipedrive, salesforce, address_books)
    return tuple(one for module in modules for one in module.FORMS)

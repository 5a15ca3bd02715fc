"""E-mail addresses: checked by form, the domain in ASCII (IDNA 2008), the name before @ as its owner writes it."""

import re

from django.utils.translation import gettext as _

from comity.kernel.errors import Invalid
from comity.kernel.text import fold

# RFC 5321 limits; dot-atoms of RFC 5322 with the letters RFC 6531 adds. No quoted names: nobody has one in business.
_LOCAL = re.compile(r"[^\s\x00-\x1f\x7f@\"(),:;<>\[\]\\.]+(?:\.[^\s\x00-\x1f\x7f@\"(),:;<>\[\]\\.]+)*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


def normalise(text: str) -> str:
    """The address ready to store and to send to; Invalid if it cannot be one.

    The part before @ keeps its letters, the domain becomes lower-case ASCII. A line break inside is refused: nobody
    adds a header to a mail through an address.
    """
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain:
        raise Invalid(_("An e-mail address looks like name@example.com."))
    domain = _ascii(domain)
    labels = domain.split(".")
    if (
        not _LOCAL.fullmatch(local)
        or not local.isprintable()
        or len(local.encode("utf-8", "replace")) > 64
        or len(local.encode("utf-8", "replace")) + 1 + len(domain) > 254
        or len(labels) < 2
        or labels[-1].isdigit()
        or not all(_LABEL.fullmatch(label) for label in labels)
    ):
        raise Invalid(_("This is not an e-mail address. Check it for spaces and missing letters."))
    return f"{local}@{domain}"


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as exc:
        raise Invalid(_("The part after @ is not the name of a mail domain.")) from exc


def match_key(address: str) -> str:
    """What two writings of one mailbox have in common: for recognising, never for sending."""
    return fold(address)


def display(address: str) -> str:
    """A stored address with its domain in its own script."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    import idna

    try:
        return local + at + idna.decode(domain)
    except idna.IDNAError:
        return address


def mask(address: str) -> str:
    """For those who may see that there is an address but not which: the first letter and the domain."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else "•••"

"""Translations for maintainers: `python tools/locale.py` gathers every text of the source, updates the catalogues of
the five languages beside English, and compiles them. Run it after changing a text; commit what it writes.

    python tools/locale.py            gather, update, compile (or only the languages named: `ru uk`)
    python tools/locale.py --check    fail when a catalogue is not up to date, has gaps, or is not compiled
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "comity"
LANGUAGES = ("ru", "uk", "bg", "id", "ar")
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}}
NOISE = ("-Date:", "Generated-By", "Report-Msgid-Bugs-To", "Last-Translator", "Language-Team")
# Where a word's translation depends on its place, pgettext("of a person", "Name") says which is meant.
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
}  # fmt: skip


def gathered() -> Catalog:
    """Every text of the source, without places (they would change with each line added above)."""
    catalog = Catalog(project="Comity", version="1", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(SOURCE), METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",))
    for _name, _line, message, comments, context in found:
        catalog.add(message, None, [], auto_comments=comments, context=context)
    return catalog


def path_of(language: str, kind: str = "po") -> Path:
    """Where the catalogue of a language lies."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / f"django.{kind}"


def updated(language: str, template: Catalog) -> Catalog:
    """The catalogue of a language with all texts of the source and none besides."""
    path = path_of(language)
    catalog = Catalog(locale=language, project="Comity", version="1", charset="utf-8")
    if path.exists():
        with path.open("rb") as file:
            catalog = read_po(file, locale=language)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = "# Translations of Comity."
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """The catalogue as a .po file, sorted, without dates."""
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=110, no_location=True, omit_header=False, sort_output=True, ignore_obsolete=True)
    lines = buffer.getvalue().decode().splitlines()
    return ("\n".join(line for line in lines if not any(part in line for part in NOISE)) + "\n").encode()


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled catalogue; the same bytes for the same texts, so without the hour it was made."""
    buffer = io.BytesIO()
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    write_mo(buffer, catalog)
    return buffer.getvalue()


def main() -> int:
    """Update and compile, or check."""
    template = gathered()
    stale = []
    for language in [one for one in sys.argv[1:] if one in LANGUAGES] or LANGUAGES:
        catalog = updated(language, template)
        gaps = [message.id for message in catalog if message.id and not _full(message)]
        text = po_text(catalog)
        if "--check" in sys.argv:
            if not path_of(language).exists() or path_of(language).read_bytes() != text:
                stale.append(f"{language}: not up to date")
            stale += [f"{language}: no translation of {gap!r}" for gap in gaps]
        else:
            path_of(language).parent.mkdir(parents=True, exist_ok=True)
            path_of(language).write_bytes(text)
            path_of(language, "mo").write_bytes(mo_bytes(catalog))
            print(f"{language}: {len(catalog)} texts, {len(gaps)} to translate")
    print("\n".join(stale))
    return 1 if stale else 0


def _full(message: object) -> bool:
    string = getattr(message, "string", "")
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    # Python's own module locale, which reads the dates of a catalogue, must not be hidden by this file.
    sys.path[:] = [folder for folder in sys.path if Path(folder) != Path(__file__).resolve().parent]
    sys.exit(main())

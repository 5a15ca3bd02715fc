"""Spreadsheet files made by hand, cell by cell, so that a test can write what programs write and libraries cannot."""

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"

ODS_SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
)


def column(index: int) -> str:
    """The letter of a column counted from 0."""
    return chr(65 + index) if index < 26 else chr(64 + index // 26) + chr(65 + index % 26)


class Xlsx:
    """A workbook. Formats are named by their code; `cell` values are pieces of XML put under the right reference."""

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, str]] = []
        self.formats: list[str] = ["General"]
        self.quoted: list[int] = []
        self.texts: list[str] = []
        self.book = ""
        self.extra: dict[str, bytes] = {}

    def style(self, code: str, quoted: bool = False) -> int:
        """The number of the style with that format."""
        if quoted:
            self.formats.append(code)
            self.quoted.append(len(self.formats) - 1)
            return len(self.formats) - 1
        if code not in self.formats:
            self.formats.append(code)
        return self.formats.index(code)

    def text(self, text: str) -> str:
        """A shared text, as a cell without its reference."""
        self.texts.append(text)
        return f'<c {{r}} t="s"><v>{len(self.texts) - 1}</v></c>'

    def number(self, value: object, code: str = "General") -> str:
        """A number in a format."""
        return f'<c {{r}} s="{self.style(code)}"><v>{value}</v></c>'

    def formula(self, formula: str, value: object | None, code: str = "General", kind: str = "n") -> str:
        """A formula with the value a program left beside it, or without."""
        left = "" if value is None else f"<v>{value}</v>"
        return f'<c {{r}} s="{self.style(code)}" t="{kind}"><f>{escape(formula)}</f>{left}</c>'

    def sheet(
        self, name: str, rows: Sequence[Sequence[object] | None], merged: Iterable[str] = (), state: str = "visible"
    ) -> "Xlsx":
        """A sheet: None is an empty row or cell, plain strings are shared texts, numbers plain numbers."""
        lines = []
        for number, row in enumerate(rows, 1):
            if row is None:
                continue
            cells = []
            for index, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str) and not value.startswith("<c {r}"):
                    value = self.text(value)
                elif not isinstance(value, str):
                    value = self.number(value)
                cells.append(value.replace("{r}", f'r="{column(index)}{number}"'))
            lines.append(f'<row r="{number}">{"".join(cells)}</row>')
        ranges = "".join(f'<mergeCell ref="{found}"/>' for found in merged)
        tail = f"<mergeCells>{ranges}</mergeCells>" if ranges else ""
        self.raw(name, f"<sheetData>{''.join(lines)}</sheetData>{tail}", state)
        return self

    def raw(self, name: str, inside: str, state: str = "visible") -> "Xlsx":
        """A sheet with that XML inside."""
        self.sheets.append((name, f'<worksheet xmlns="{_MAIN}">{inside}</worksheet>', state))
        return self

    def save(self, path: Path) -> Path:
        """Write the file."""
        names = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}" state="{state}"/>'
            for at, (name, _content, state) in enumerate(self.sheets, 1)
        )
        links = "".join(
            f'<Relationship Id="rId{at}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in range(1, len(self.sheets) + 1)
        )
        links += f'<Relationship Id="st" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        links += f'<Relationship Id="tx" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        formats = "".join(
            f'<numFmt numFmtId="{164 + at}" formatCode={quoteattr(code)}/>' for at, code in enumerate(self.formats)
        )
        styles = "".join(
            f'<xf numFmtId="{164 + at if at else 0}" quotePrefix="{int(at in self.quoted)}"/>'
            for at in range(len(self.formats))
        )
        texts = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in self.texts)
        parts: dict[str, str | bytes] = {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" '
            f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}">{self.book}'
            f"<sheets>{names}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{links}</Relationships>',
            "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts>{formats}</numFmts>'
            f'<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>{styles}</cellXfs></styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{texts}</sst>',
            **{f"xl/worksheets/sheet{at}.xml": sheet[1] for at, sheet in enumerate(self.sheets, 1)},
            **self.extra,
        }
        return save_zip(path, parts)


def save_zip(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """An archive with these entries."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def save_ods(path: Path, tables: Mapping[str, str], manifest: str = "") -> Path:
    """An OpenDocument spreadsheet whose tables have that XML inside."""
    content = "".join(
        f"<table:table table:name={quoteattr(name)}>{inside}</table:table>" for name, inside in tables.items()
    )
    parts = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": manifest or "<manifest/>",
        "content.xml": f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {ODS_SPACES}><office:body>'
        f"<office:spreadsheet>{content}</office:spreadsheet></office:body></office:document-content>",
    }
    return save_zip(path, parts)


def ods_cell(text: str = "", repeated: int = 1, **attributes: str) -> str:
    """A cell of an OpenDocument table; attribute names with __ for the colon and _ for the hyphen."""
    written = "".join(
        f" {name.replace('__', ':').replace('_', '-')}={quoteattr(value)}" for name, value in attributes.items()
    )
    if text and "office:value-type" not in written:
        written += ' office:value-type="string"'
    if repeated > 1:
        written += f' table:number-columns-repeated="{repeated}"'
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n")) if text else ""
    return f"<table:table-cell{written}>{paragraphs}</table:table-cell>"


def ods_row(*cells: str, repeated: int = 1) -> str:
    """A row of an OpenDocument table; plain texts become text cells."""
    times = f' table:number-rows-repeated="{repeated}"' if repeated > 1 else ""
    return (
        f"<table:table-row{times}>{''.join(c if c.startswith('<') else ods_cell(c) for c in cells)}</table:table-row>"
    )

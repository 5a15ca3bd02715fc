"""Small real files for the demo's cards, drawn here: a PDF of one page, a PNG of coloured squares."""

import struct
import zlib
from io import BytesIO

from comity.changes.files import NewFile
from comity.kernel import files, storage

SIDE = 160  # pixels of a picture
MOST = 1_000_000  # bytes


def keep(name: str, title: str) -> NewFile:
    """Draw the file that the ending of its name asks for and put it into the store; `title` is plain ASCII."""
    content = pdf(title) if name.endswith(".pdf") else png(title)
    kept = storage.save(BytesIO(content), MOST)
    return NewFile(name, kept.sha256, kept.size, files.sniff(kept.head, name))


def pdf(title: str) -> bytes:
    """One A4 page with a heading and ruled lines (PDF 1.4, the built-in font)."""
    lines = "".join(f"60 {y} m 535 {y} l S\n" for y in range(120, 720, 24))
    drawn = f"BT /F1 24 Tf 60 760 Td ({title}) Tj ET\n0.7 w 0.8 G\n{lines}".encode("ascii")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    page, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(page))
        page += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(page))
    return page + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end


def png(title: str) -> bytes:
    """A square pattern in the colours of the title's letters."""
    colours = [bytes((80 + ord(c) * 7 % 150, 80 + ord(c) * 13 % 150, 80 + ord(c) * 29 % 150)) for c in title]
    rows = bytearray()
    for y in range(SIDE):
        rows.append(0)  # no filter
        for x in range(SIDE):
            rows += colours[(x // 20 * 3 + y // 20 * 5) % len(colours)]
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

"""Types by content, harmless names, and a store that keeps a file whole or not at all."""

import errno
import hashlib
import io
import os

import pytest

from comity.kernel import files, jobs, storage
from comity.kernel.errors import Busy, NotFound, TooLarge

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(40)
ZIP = b"PK\x03\x04" + bytes(60)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60)
ODT = b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.textPK\x03\x04" + bytes(40)


@pytest.mark.parametrize(
    ("content", "name", "mime_type"),
    [
        (PNG, "a.png", "image/png"),
        (PNG, "a.txt", "image/png"),
        (PNG, "a.html", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + bytes(40), "", "image/jpeg"),
        (b"GIF89a" + bytes(40), "x", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + bytes(40), "", "image/webp"),
        (b"%PDF-1.7\n%text only", "a.pdf", "application/pdf"),
        (b"%PDF-1.7\n\0\xff", "a.html", "application/pdf"),
        (ZIP, "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (ZIP, "a.exe", "application/zip"),
        (ODT, "a.bin", "application/vnd.oasis.opendocument.text"),
        (OLE, "a.XLS", "application/vnd.ms-excel"),
        (OLE, "a", "application/x-ole-storage"),
        (b"name;phone\n", "a.csv", "text/csv"),
        ("Привет".encode()[:-1], "a.txt", "text/plain"),
        ("Привет, мир! Как дела? Это текст.".encode("cp1251"), "a.txt", "text/plain"),
        ("Привет".encode("utf-16"), "a.txt", "text/plain"),
        (b"", "a.png", "text/plain"),
        (b"<html><script>", "photo.png", "text/html"),
        (b"GIF89a <script>alert(1)</script>", "a.gif", "text/html"),
        ("\ufeff <!DOCTYPE  html>".encode("utf-16"), "a.txt", "text/html"),
        (b"hello", "a.html", "text/html"),
        (b"<?xml version='1.0'?><svg/>", "a.png", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "a.png", "application/xml"),
        (bytes(range(256)), "a.png", "application/octet-stream"),
    ],
)
def test_the_content_tells_the_type(content, name, mime_type):
    assert files.sniff(content, name) == mime_type


def test_only_plain_pictures_are_shown_inline():
    assert files.may_show_inline("image/png")
    for risky in ("text/html", "image/svg+xml", "application/xml", "application/pdf", "text/plain", ""):
        assert not files.may_show_inline(risky)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("Договор № 5.pdf", "Договор № 5.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.txt", "a.txt"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('a"<b>|c?.txt', "a__b__c_.txt"),
        (".htaccess", "htaccess"),
        ("con.txt", "_con.txt"),
        ("...", "file"),
        ("", "file"),
        ("a\ud800.txt", "a.txt"),
    ],
)
def test_names_are_made_harmless(given_name, kept):
    assert files.safe_name(given_name) == kept


def test_long_names_keep_their_ending():
    kept = files.safe_name("я" * 300 + ".docx")
    assert len(kept.encode()) <= 200
    assert kept.endswith("я.docx")


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = tmp_path
    return tmp_path


def _kept(home):
    return [found for found in (home / "files").rglob("*") if found.is_file()]


def test_a_file_is_kept_once_by_its_content(home):
    content = os.urandom(600_000)
    stored = storage.save(io.BytesIO(content), 10**6)
    assert stored == storage.save(io.BytesIO(content), 10**6)
    assert (stored.sha256, stored.size) == (hashlib.sha256(content).hexdigest(), 600_000)
    assert stored.head == content[: files.HEAD_BYTES]
    with storage.open(stored.sha256) as file:
        assert file.read() == content
    assert _kept(home) == [home / "files" / stored.sha256[:2] / stored.sha256[2:4] / stored.sha256]
    assert oct(_kept(home)[0].stat().st_mode)[-3:] == "600"


def test_the_limit_itself_still_fits_and_one_more_byte_leaves_nothing(home):
    assert storage.save(io.BytesIO(b"x" * 100), 100).size == 100
    before = _kept(home)
    with pytest.raises(TooLarge):
        storage.save(io.BytesIO(b"y" * 101), 100)
    with pytest.raises(TooLarge, match="2 megabytes"):
        storage.save(io.BytesIO(b"y" * 2_500_001), 2_500_000)
    assert _kept(home) == before


def test_an_endless_upload_is_cut_off_at_the_limit(home):
    class Endless:
        given = 0

        def read(self, size):
            self.given += size
            return b"z" * size

    endless = Endless()
    with pytest.raises(TooLarge):
        storage.save(endless, 10**6)
    assert endless.given < 2 * 10**6


def test_a_full_disk_is_said_in_words_and_leaves_nothing(home):
    class Full(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().read(10)

    with pytest.raises(Busy, match="no room left"):
        storage.save(Full(b"x" * 100), 1000)
    assert _kept(home) == []


def test_a_broken_upload_leaves_nothing(home):
    class Broken(io.BytesIO):
        def read(self, size=-1):
            if self.tell():
                raise ConnectionResetError
            return super().read(10)

    with pytest.raises(ConnectionResetError):
        storage.save(Broken(b"x" * 100), 1000)
    assert _kept(home) == []


@pytest.mark.django_db
def test_what_a_killed_process_left_is_tidied_away_after_a_day(home, stopped_clock):
    stored = storage.save(io.BytesIO(b"kept"), 100)
    for name, age in (("incoming-old", 90_000), ("incoming-now", 60)):
        left = storage.folder() / name
        left.write_bytes(b"half")
        os.utime(left, (stopped_clock.now.timestamp() - age,) * 2)
    os.utime(storage.path(stored.sha256), (0, 0))
    jobs.enqueue("kernel.tidy_files")
    assert jobs.run_due() == 1
    assert {found.name for found in _kept(home)} == {stored.sha256, "incoming-now"}


@pytest.mark.parametrize("sha256", ["0" * 64, "../../secret", "", "0" * 63 + "\n", "A" * 64])
def test_what_is_not_kept_is_not_found(home, sha256):
    with pytest.raises(NotFound):
        storage.open(sha256)

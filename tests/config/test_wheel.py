"""The wheel: everything a page needs is in it, and it serves from an environment that has nothing else."""

import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from support.installation import ADMINISTRATOR, INIT, PASSWORD, Installation
from support.visitor import Visitor

ROOT = Path(__file__).parents[2]
SHIPPED = ("templates", "static", "locale", "migrations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel built from this clone."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", folder, ROOT], check=True)
    return next(folder.glob("comity-*.whl"))


@pytest.mark.full
def test_the_wheel_holds_every_file_of_the_package(wheel):
    inside = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "src"
    for path in (package / "comity").rglob("*"):
        parts = path.relative_to(package).parts
        if path.is_file() and any(part in SHIPPED for part in parts) and "__pycache__" not in parts:
            assert path.relative_to(package).as_posix() in inside


@pytest.mark.full
def test_the_wheel_serves_from_an_empty_environment(wheel, tmp_path):
    venv.create(tmp_path / "empty", with_pip=True)
    python = tmp_path / "empty" / "bin" / "python"
    lock = ROOT / "requirements.lock"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock], check=True)
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    for name in ("mine", "demo"):
        (tmp_path / name).mkdir()

    mine = Installation(tmp_path / "mine", python=str(python))
    mine.ok(*["ru" if word == "en" else word for word in INIT])
    shown(mine, ADMINISTRATOR, PASSWORD, "Компании")
    assert (mine.home / "comity.sqlite3").exists()

    demo = Installation(tmp_path / "demo", python=str(python))
    shown(demo, "owner@demo.example", "moonlit-teapot", "Amber Anchor", "demo", "--serve")


def shown(installed: Installation, email: str, password: str, text: str, *words: str) -> None:
    """Serve, log in, and read a list and all that it links to for its looks."""
    try:
        ann = Visitor(installed.start(*words)).log_in(email, password)
        page = ann.get("/companies/")
        assert page.status == 200
        assert text in page.text
        assets = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page.text))
        assert len(assets) > 3
        assert {ann.get(asset).status for asset in assets} == {200}
    finally:
        installed.stop()

"""Backup, restore and upgrade, drilled on both engines with the real commands."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import comity.kernel.migrations as kernel_migrations
from support.installation import ADMINISTRATOR, PATIENCE, Installation
from support.visitor import Visitor
from support.waiting import eventually

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


@pytest.fixture(scope="module")
def source(make_installation):
    """A base with a colleague, a company that search finds, and a file in it."""
    installation = make_installation().init()
    installation.ok("user", "add", "zoya@example.com", "Зоя Ёлкина")
    installation.start()
    ann = Visitor(installation).log_in()
    assert ann.post("/companies/new", name="Вишнёвый сад", idempotency="once").status == 302
    assert eventually(lambda: finds(ann))
    assert installation.stop() == 0
    content = installation.home / "files" / "ab" / "cd" / "abcd"
    content.parent.mkdir(parents=True)
    content.write_bytes(b"\x00a file\xff")
    return installation


@pytest.fixture(scope="module")
def archive(source, tmp_path_factory):
    """Its backup."""
    target = tmp_path_factory.mktemp("backup") / "all.tar"
    assert "1 files" in source.ok("backup", str(target))
    return target


def rows(path) -> dict[str, bytes]:
    """The table parts of an archive."""
    with tarfile.open(path) as tar:
        return {name: tar.extractfile(name).read() for name in tar.getnames() if name.startswith("tables/")}


def waiting_jobs(path) -> str:
    """The table of jobs in an archive, as text."""
    return gzip.decompress(rows(path)["tables/kernel.job.jsonl.gz"]).decode()


def finds(visitor) -> bool:
    """Does search know the company, also by a part of its name and without its accents?"""
    return all("Вишнёвый сад" in visitor.find(words) for words in ("вишневый", "ишнёвы"))


def refused(done) -> str:
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_archive_loads_into_the_same_engine_and_comes_out_the_same(source, archive, make_installation, tmp_path):
    copy = make_installation()
    copy.ok("restore", str(archive))
    assert copy.ok("user", "list") == source.ok("user", "list")
    assert (copy.home / "files/ab/cd/abcd").read_bytes() == b"\x00a file\xff"
    copy.ok("backup", str(tmp_path / "again.tar"))
    assert rows(tmp_path / "again.tar") == rows(archive)
    copy.ok("user", "add", "new@example.com", "New")  # numbers go on after the restored ones
    assert "new@example.com" in copy.ok("user", "list")


def test_an_archive_of_one_engine_loads_into_the_other(source, archive, engine, make_installation, tmp_path):
    if engine == "sqlite":
        pytest.skip("the run on PostgreSQL has both engines at hand and tries both directions")
    other = make_installation(engine=OTHER[engine])
    other.ok("restore", str(archive))
    assert other.ok("user", "list") == source.ok("user", "list")
    other.ok("backup", str(tmp_path / "other.tar"))
    assert rows(tmp_path / "other.tar") == rows(archive)
    other.start()
    assert finds(Visitor(other).log_in())
    other.stop()
    back = make_installation()
    back.ok("restore", str(tmp_path / "other.tar"))
    back.ok("user", "add", "new@example.com", "New")
    assert "Зоя Ёлкина" in back.ok("user", "list")


def test_an_older_archive_is_migrated_on_and_its_words_made_anew(archive, make_installation, tmp_path):
    newer = Newer(make_installation(engine="sqlite"), tmp_path)
    assert newer.run("restore", str(archive)).returncode == 0
    assert newer.run("backup", str(tmp_path / "newer.tar")).returncode == 0
    assert waiting_jobs(tmp_path / "newer.tar").count('"search.rebuild"') == 1
    assert "search.rebuild" not in waiting_jobs(archive)


def test_a_base_in_use_is_never_restored_over(source, archive, make_installation):
    before = source.ok("user", "list")
    assert "in use" in refused(source.run("restore", str(archive)))
    assert source.ok("user", "list") == before
    with_files = make_installation()
    (with_files.home / "files").mkdir()
    (with_files.home / "files" / "kept").write_text("mine")
    assert "not in the archive" in refused(with_files.run("restore", str(archive)))
    assert (with_files.home / "files" / "kept").read_text() == "mine"


def test_a_base_changes_its_engine_within_its_data_folder(archive, engine, make_installation):
    if engine == "sqlite":
        pytest.skip("the run on PostgreSQL has both engines at hand")
    moving = make_installation(engine="sqlite")
    moving.ok("restore", str(archive))
    there = {"COMITY_DATABASE_URL": make_installation().database_url}
    content = moving.home / "files/ab/cd/abcd"
    content.write_bytes(b"saved after the backup")
    assert "not in the archive" in refused(moving.run("restore", str(archive), **there))
    assert content.read_bytes() == b"saved after the backup"
    content.write_bytes(b"\x00a file\xff")
    moved = moving.run("restore", str(archive), **there)
    assert moved.returncode == 0, moved.stderr
    assert content.read_bytes() == b"\x00a file\xff"
    assert "Зоя Ёлкина" in moving.run("user", "list", **there).stdout


@pytest.mark.alike
@pytest.mark.parametrize("harm", ["changed", "missing", "added", "cut", "no tar", "outside"])
def test_a_damaged_archive_is_refused_before_anything_is_touched(archive, harm, make_installation, tmp_path):
    damaged = tmp_path / "damaged.tar"
    spoil(archive, damaged, harm)
    empty = make_installation(engine="sqlite")
    assert "damaged" in refused(empty.run("restore", str(damaged)))
    assert "base is empty" in refused(empty.run("user", "list"))
    assert not (empty.home / "files").exists()


def spoil(archive, target, harm: str) -> None:
    """Write a copy of the archive with one thing wrong."""
    if harm in ("cut", "no tar"):
        whole = archive.read_bytes()
        target.write_bytes(whole[: len(whole) // 2] if harm == "cut" else b"nothing of the kind" * 100)
        return
    with tarfile.open(archive) as tar:
        parts = {name: tar.extractfile(name).read() for name in tar.getnames()}
    if harm == "changed":
        parts["files/ab/cd/abcd"] = b"\x00b file\xff"
    elif harm == "missing":
        del parts["tables/identity.user.jsonl.gz"]
    elif harm == "added":
        parts["files/extra"] = b"unnamed"
    else:
        manifest = json.loads(parts["manifest.json"])
        manifest["parts"]["files/../../outside"] = manifest["parts"].pop("files/ab/cd/abcd")
        parts = {"files/../../outside": parts.pop("files/ab/cd/abcd")} | parts
        parts["manifest.json"] = json.dumps(manifest).encode()
    with tarfile.open(target, "w") as tar:
        for name, body in parts.items():
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))


def test_secrets_are_in_the_archive_only_when_asked_for(source, archive, tmp_path):
    with tarfile.open(archive) as tar:
        assert not any(name.startswith("secrets/") for name in tar.getnames())
    source.ok("backup", "--with-secrets", str(tmp_path / "all.tar"))
    with tarfile.open(tmp_path / "all.tar") as tar:
        assert "secrets/secret-key" in tar.getnames()
    assert (tmp_path / "all.tar").stat().st_mode & 0o077 == 0


@pytest.mark.alike
def test_a_backup_never_overwrites_and_old_ones_go_when_asked(make_installation):
    base = make_installation(engine="sqlite").init()
    folder = base.home / "mine"
    folder.mkdir()
    for number in range(3):
        base.ok("backup", "--keep", "2", str(folder / f"comity-{number}.tar"))
    assert sorted(path.name for path in folder.iterdir()) == ["comity-1.tar", "comity-2.tar"]
    assert "exists already" in refused(base.run("backup", str(folder / "comity-1.tar")))


MIGRATION = """
from django.db import migrations, models

def work(apps, schema_editor):
    Job = apps.get_model("kernel", "Job")
    Job.objects.create(key="made-by-the-migration", name="x", max_attempts=1)
    {body}

class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = [("kernel", "{last}")]
    operations = [
        migrations.AddField("job", "drill", models.CharField(max_length=9, default="drill", db_default="drill")),
        migrations.RunPython(work),
    ]
"""


class Newer:
    """The same Comity with one more migration in the kernel, as a newer version would bring it."""

    def __init__(self, installation: Installation, folder: Path, body: str = "pass", atomic: bool = True) -> None:
        self.installation, self.program = installation, folder / "newer.py"
        migrations = folder / "drill_migrations"
        migrations.mkdir()
        names = sorted(path.stem for path in Path(kernel_migrations.__path__[0]).glob("0*.py"))
        for name in names:
            module = f"comity.kernel.migrations.{name}"
            text = f"import importlib\nMigration = importlib.import_module({module!r}).Migration\n"
            (migrations / f"{name}.py").write_text(text)
        (migrations / "__init__.py").touch()
        (migrations / "9999_drill.py").write_text(MIGRATION.format(body=body, atomic=atomic, last=names[-1]))
        self.program.write_text(
            "import sys\nfrom comity.config import cli, settings\n"
            "settings.MIGRATION_MODULES = {'kernel': 'drill_migrations'}\nsys.exit(cli.main())\n"
        )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the newer version."""
        return subprocess.run(
            [sys.executable, str(self.program), *words],
            env=self.installation.environment, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip


def test_an_upgrade_backs_up_migrates_and_is_current(make_installation, tmp_path):
    base = make_installation().init()
    newer = Newer(base, tmp_path)
    assert "comity upgrade" in refused(newer.run("serve"))
    done = newer.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert list((base.home / "backups").glob("before-upgrade-*.tar"))
    assert "up to date" in newer.run("upgrade").stdout
    assert newer.run("backup", str(tmp_path / "newer.tar")).returncode == 0
    assert waiting_jobs(tmp_path / "newer.tar").count('"search.rebuild"') == 1, "the words are made anew by the worker"
    assert ADMINISTRATOR in newer.run("user", "list").stdout
    assert "newer Comity" in refused(base.run("serve"))
    assert "newer Comity" in refused(base.run("upgrade"))


FAILS, VANISH = "raise RuntimeError('drill')", "apps.get_model('identity', 'User').objects.all().delete()"


@pytest.mark.parametrize(
    ("body", "atomic"),
    [
        pytest.param(FAILS, False, id="a change fails"),
        pytest.param(VANISH, True, id="rows vanish in one transaction"),
        pytest.param(FAILS, True, marks=pytest.mark.full, id="a change fails in one transaction"),
        pytest.param(VANISH, False, marks=pytest.mark.full, id="rows vanish"),
    ],
)
def test_a_failed_upgrade_leaves_everything_as_it_was(make_installation, tmp_path, body, atomic):
    base = make_installation().init()
    base.ok("backup", str(tmp_path / "before.tar"))
    failed = Newer(base, tmp_path, body, atomic).run("upgrade")
    assert "The upgrade was undone" in refused(failed)
    assert "Your data is as it was before" in failed.stderr
    base.ok("backup", str(tmp_path / "after.tar"))
    assert rows(tmp_path / "after.tar") == rows(tmp_path / "before.tar")
    assert base.run("doctor").returncode == 0
    base.ok("user", "add", "new@example.com", "New")

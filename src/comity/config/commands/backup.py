"""`comity backup`: everything in one archive that either engine can load."""

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and whether with secrets."""
    parser.add_argument("file", nargs="?", type=Path, help="the archive to write (default: in the data folder)")
    parser.add_argument("--with-secrets", action="store_true", help="also the installation's secret keys")
    parser.add_argument("--keep", type=int, metavar="N", help="then remove all but the newest N in that folder")


def run(options: argparse.Namespace) -> None:
    """Write it and say what is in it."""
    from django.conf import settings

    from comity.config.archive.backup import backup
    from comity.kernel.clock import now

    target = options.file
    if target is None:
        folder = Path(settings.HOME) / "backups"
        folder.mkdir(mode=0o700, exist_ok=True)
        target = folder / f"comity-{now():%Y-%m-%d-%H%M%S}.tar"
    if not target.parent.is_dir():
        raise SystemExit(f"There is no folder {target.parent}. Nothing was written.")
    if options.keep is not None and options.keep < 1:
        raise SystemExit("--keep must be at least 1. Nothing was written.")
    manifest = backup(target, with_secrets=options.with_secrets)
    files = sum(name.startswith("files/") for name in manifest["parts"])
    print(f"{target}: {sum(manifest['rows'].values())} rows, {files} files, {target.stat().st_size / 1e6:.1f} MB")
    if options.keep:
        for old in sorted(target.parent.glob("comity-*.tar"))[: -options.keep]:
            old.unlink()
            print(f"{old} removed")

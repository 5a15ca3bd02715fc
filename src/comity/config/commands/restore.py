"""`comity restore`: an archive into an empty base."""

import argparse
from pathlib import Path

from comity.config.running import require_stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which archive."""
    parser.add_argument("file", type=Path, help="an archive made by comity backup, on either engine")


def run(options: argparse.Namespace) -> None:
    """Load it and say what came."""
    from comity.config.archive.restore import restore

    require_stopped()
    manifest = restore(options.file)
    files = sum(name.startswith("files/") for name in manifest["parts"])
    print(f"Restored {sum(manifest['rows'].values())} rows and {files} files from {manifest['made_at'][:16]} UTC.")

"""`comity export`: the whole base in an open form."""

import argparse
import os
from pathlib import Path

from comity.config import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where to."""
    parser.add_argument(
        "file", type=Path, help="the archive to write (.zip); docs/export-format.md tells what is in it"
    )


def run(options: argparse.Namespace) -> None:
    """Write it and say what is in it."""
    from comity.exchange.exports.whole import writing

    schema.require_current()
    if options.file.exists():
        raise SystemExit(f"{options.file} exists already. Nothing was written. Choose another name.")
    if not options.file.parent.is_dir():
        raise SystemExit(f"There is no folder {options.file.parent}. Nothing was written.")
    partial = options.file.with_name(f".{options.file.name}.partial")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        manifest = writing.write(partial)
        partial.replace(options.file)
    finally:
        partial.unlink(missing_ok=True)
    size = options.file.stat().st_size / 1e6
    print(f"{options.file}: {writing.cards(manifest)} cards, {manifest['files']} files, {size:.1f} MB")
    print("Passwords, tokens and webhooks are not in it.")

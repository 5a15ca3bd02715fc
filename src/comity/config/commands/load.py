"""`comity load`: an archive of the whole base into an empty installation."""

import argparse
from pathlib import Path

from comity.config import schema
from comity.config.running import require_stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    """Which archive."""
    parser.add_argument(
        "file", type=Path, help="an archive made by comity export or on the page Exports, on any engine"
    )


def run(options: argparse.Namespace) -> None:
    """Load it, say what came and how the administrators get in: nobody's password has come along."""
    from comity.changes.bus import run as do
    from comity.changes.colleagues import MakeLink
    from comity.config import people
    from comity.exchange.exports.whole import loading, writing
    from comity.identity.models import User
    from comity.kernel import planner

    require_stopped()
    if not options.file.is_file():
        raise SystemExit(f"There is no archive at {options.file}.")
    if not schema.applied():
        schema.migrate()
    schema.require_current()
    manifest = loading.load(options.file)
    planner.refresh()
    print(f"Loaded {writing.cards(manifest)} cards and {manifest['files']} files of {manifest['made_at'][:16]} UTC.")
    print("Nobody's password has come along. Administrators choose a new one here, within 72 hours:")
    for user in User.objects.filter(active=True, administrator=True, service=False).order_by("name"):
        print(f"  {user.email:<40} {people.link_address(do(people.house(), MakeLink(user.pk)).secret)}")
    print("They invite the others on the page Settings, Colleagues, or with: comity user link EMAIL")

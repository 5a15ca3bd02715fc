"""`comity token`: an API token for a person."""

import argparse

from comity.config.schema import require_current


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whose token, what for, how long."""
    parser.add_argument("email", help="whose rights the token has")
    parser.add_argument("--name", default="command line", help="what it is for, shown in the person's settings")
    parser.add_argument("--days", type=int, help="end it after so many days (default: no end)")


def run(options: argparse.Namespace) -> None:
    """Print the token alone, so that a script can take it."""
    from comity.changes.bus import run as do
    from comity.changes.colleagues import MakeToken
    from comity.config import people

    require_current()
    user = people.by_email(options.email)
    if not user.active:
        raise SystemExit(f"{user.name} is switched off. Switch on first: comity user on {user.email}")
    print(do(people.house(), MakeToken(options.name, user.pk, options.days)).secret)

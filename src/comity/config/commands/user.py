"""`comity user`: the people who work here, from the command line."""

import argparse

from comity.config.schema import require_current


def arguments(parser: argparse.ArgumentParser) -> None:
    """list; add, link, off, on with an e-mail address."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="WHAT")
    verbs.add_parser("list", help="everyone, with state and last login")
    add = verbs.add_parser("add", help="add a person and print the invitation link")
    add.add_argument("email")
    add.add_argument("name")
    add.add_argument("--administrator", action="store_true", help="with every right")
    for verb, text in {
        "link": "print a one-time link to choose a new password",
        "off": "end a person's access at once: sessions and tokens",
        "on": "let a person log in again",
    }.items():
        verbs.add_parser(verb, help=text).add_argument("email")


def run(options: argparse.Namespace) -> None:
    """Do what the verb says."""
    require_current()
    {"list": _list, "add": _add, "link": _link, "off": _off, "on": _on}[options.verb](options)


def _list(options: argparse.Namespace) -> None:
    from comity.identity.models import User

    for user in User.objects.order_by("name"):
        state = "on" if user.active else "off"
        kind = "administrator" if user.administrator else "user"
        seen = f"{user.last_login_at:%Y-%m-%d}" if user.last_login_at else "never"
        print(f"{user.email:<40} {state:<4} {kind:<14} last login {seen:<11} {user.name}")


def _add(options: argparse.Namespace) -> None:
    from comity.changes.bus import run as do
    from comity.changes.colleagues import InviteUser
    from comity.config import people

    invite = InviteUser(options.name, options.email, administrator=options.administrator)
    _show_link(options.email, people.link_address(do(people.house(), invite).secret))


def _link(options: argparse.Namespace) -> None:
    from comity.changes.bus import run as do
    from comity.changes.colleagues import MakeLink
    from comity.config import people

    user = people.by_email(options.email)
    _show_link(user.email, people.link_address(do(people.house(), MakeLink(user.pk)).secret))


def _show_link(email: str, address: str) -> None:
    from comity.identity.links import LIFETIME

    print(f"This link works once, within {LIFETIME.total_seconds() / 3600:.0f} hours; send it to {email}:")
    print(address)


def _off(options: argparse.Namespace) -> None:
    _switch(options.email, on=False)


def _on(options: argparse.Namespace) -> None:
    _switch(options.email, on=True)


def _switch(email: str, *, on: bool) -> None:
    from comity.changes.bus import run as do
    from comity.changes.colleagues import SwitchUser
    from comity.config import people

    user = people.by_email(email)
    do(people.house(), SwitchUser(user.pk, on))
    print(f"{user.name} can log in." if on else f"{user.name} is switched off: all sessions and tokens have ended.")

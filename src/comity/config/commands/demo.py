"""`comity demo`: the demo company in an empty base, and out of it again; with --serve, what `make run` does."""

import argparse

from comity.config import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """In which language, whether to serve then; or away with it."""
    parser.add_argument("--language", default="en", help="language of names and texts: en ru uk bg id ar")
    parser.add_argument(
        "--serve", action="store_true", help="serve then; a base that has people in it is served as it is"
    )
    parser.add_argument(
        "--remove", action="store_true", help="take the sample out of a base that began as the demo company"
    )
    parser.add_argument("--everything", action="store_true", help="with --remove: also what was entered since")
    parser.add_argument("--yes", action="store_true", help="with --remove: do not ask again")


def run(options: argparse.Namespace) -> None:
    """Make and fill the base where it is empty; print the logins; serve when asked to."""
    from django.conf import settings

    from comity.identity.models import Organization, User

    if options.remove:
        return _remove(options.yes, options.everything)
    if options.language not in dict(settings.LANGUAGES):
        raise SystemExit(f"Choose a language of {' '.join(dict(settings.LANGUAGES))}.")
    if not schema.applied():
        schema.migrate()
    schema.require_current()
    if not User.objects.exists():
        _load(options.language)
    elif not options.serve:
        raise SystemExit("This base has people in it already. Nothing was changed. Set COMITY_HOME to a new folder.")
    company = Organization.objects.first()
    if company and company.demo:
        _print_logins()
    if options.serve:
        from comity.config.commands import serve

        serve.run(options)


def _remove(sure: bool, everything: bool) -> None:
    """The sample goes. Where people have entered something of their own, that stays; else the base is empty then."""
    from comity.config.running import require_stopped
    from comity.identity.models import Organization
    from comity.kernel import planner
    from comity.packs import demo
    from comity.packs.demo import leaving

    schema.require_current()
    require_stopped()
    company = Organization.objects.first()
    if company is None or not company.demo:
        raise SystemExit("This base is not the demo company. Nothing was changed.")
    keep = not everything and leaving.entered().exists()
    if keep:
        told = "The sample goes into the trash; what you have entered or changed yourself stays, settings too."
    else:
        told = "Everything in this base goes, what you have added yourself too."
    if not sure:
        print(f"{told} Type yes to go on: ", end="", flush=True)
        try:
            answer = input()
        except EOFError:
            answer = ""
        if answer.strip().lower() != "yes":
            raise SystemExit("Nothing was changed.")
    if keep:
        gone, stay = leaving.leave()
        planner.refresh()
        return _tell_left(gone, stay)
    demo.remove()
    planner.refresh()
    print("The demo company is gone. Make your own base: comity init")


def _tell_left(gone: int, stay: int) -> None:
    """What became of it, and how the people who stay get in: the password everybody knows opens nothing any more."""
    from comity.changes.bus import run as do
    from comity.changes.colleagues import MakeLink
    from comity.config import people
    from comity.identity.models import User

    print(f"{gone} sample cards lie in the trash now. {stay} stay, because somebody has worked on them.")
    print("Give the company its name on the page Settings, Company.")
    locked = User.objects.filter(active=True, service=False, password="").order_by("name")
    for user in locked:
        print(f"  {user.email:<40} {people.link_address(do(people.house(), MakeLink(user.pk)).secret)}")
    if locked:
        print("These choose a new password there, within 72 hours.")


def _load(language: str) -> None:
    from comity.kernel import planner
    from comity.packs import demo

    print("Loading the demo company ...", flush=True)
    demo.load(language)
    planner.refresh()


def _print_logins() -> None:
    from comity.packs import demo

    for login in demo.logins():
        print(f"  {login.email:<32} {login.password:<20} {login.role}", flush=True)

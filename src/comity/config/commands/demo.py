"""`comity demo`: the demo company in an empty base; with --serve, what `make run` does."""

import argparse

from comity.config import schema


def arguments(parser: argparse.ArgumentParser) -> None:
    """In which language, and whether to serve then."""
    parser.add_argument("--language", default="en", help="language of names and texts: en ru uk bg id ar")
    parser.add_argument(
        "--serve", action="store_true", help="serve then; a base that has people in it is served as it is"
    )


def run(options: argparse.Namespace) -> None:
    """Make and fill the base where it is empty; print the logins; serve when asked to."""
    from django.conf import settings

    from comity.identity.models import Organization, User

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

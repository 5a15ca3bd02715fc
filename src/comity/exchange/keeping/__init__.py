"""How long cards are kept: rules for those nobody touches, and how long the trash keeps what lies in it."""


def register() -> None:
    """What the room adds to the house with it."""
    from comity.changes import purging
    from comity.exchange.duplicates.model import LikelyPair
    from comity.exchange.keeping import commands, events, pages, running  # noqa: F401
    from comity.parties.consents.model import Consent

    commands.register()
    events.register_notices()
    pages.register()
    for column in ("first_id", "second_id"):
        purging.belonging("", LikelyPair, column)
    purging.staying(Consent)

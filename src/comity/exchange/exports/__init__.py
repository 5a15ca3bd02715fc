"""The doors out: lists as files, the whole base in an open form and back, what support may see."""


def register() -> None:
    """Make the room's part known to the house: events, jobs, the button above lists."""
    from comity.exchange.exports import commands, events, lists, settings  # noqa: F401 - the jobs of commands
    from comity.exchange.exports.whole import making

    events.register_events()
    making.register()
    settings.register()
    lists.register()

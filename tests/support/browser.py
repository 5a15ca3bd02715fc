"""A browser without scripts: Django's test client, logged in, on this site."""

from uuid import UUID

from django.test import Client

from comity.access.actors import Actor
from comity.identity import sessions
from comity.ui.middleware import COOKIE

FIREFOX = "Mozilla/5.0 (X11; Linux) Firefox/140.0"


def browser(actor: Actor) -> Client:
    """A client with the actor's session, telling like a browser that it stays on the site."""
    assert actor.user_id is not None
    return entered(actor.user_id)


def entered(user_id: UUID) -> Client:
    """A client with a session of that user."""
    client = Client(headers={"Host": "localhost", "Sec-Fetch-Site": "same-origin"})
    client.cookies[COOKIE] = sessions.start(user_id, "192.0.2.1", FIREFOX)
    return client

"""A browser without scripts: Django's test client, logged in, on this site."""

from django.test import Client

from comity.access.actors import Actor
from comity.identity import sessions


def browser(actor: Actor) -> Client:
    """A client with the actor's session, telling like a browser that it stays on the site."""
    assert actor.user_id is not None
    client = Client(HTTP_HOST="localhost", HTTP_SEC_FETCH_SITE="same-origin")
    client.cookies["comity_session"] = sessions.start(actor.user_id, "127.0.0.1", "test")
    return client

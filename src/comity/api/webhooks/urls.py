"""The addresses of REST hooks, below api/v1/."""

from django.urls import path

from comity.api.doors import door
from comity.api.webhooks import hooks

urlpatterns = [
    path("hooks", door(GET=hooks.listing, POST=hooks.subscribe)),
    path("hooks/events", door(GET=hooks.events)),
    path("hooks/samples/<str:event>", door(GET=hooks.sample)),
    path("hooks/<uuid:webhook_id>", door(GET=hooks.show, DELETE=hooks.unsubscribe)),
]

"""The addresses of the room."""

from django.urls import path

from comity.parties.consents import views as consents

urlpatterns = [
    path("people/<uuid:person_id>/consents", consents.show),
    path("people/<uuid:person_id>/consents/new", consents.note),
    path("people/<uuid:person_id>/consents/<uuid:consent_id>/back", consents.take_back),
]

"""The addresses of what goes out."""

from django.urls import path

from comity.exchange.exports import pages

urlpatterns = [
    path("exports", pages.index),
    path("exports/new/<slug:slug>", pages.new),
    path("exports/<uuid:export_id>", pages.show),
    path("exports/<uuid:export_id>/file", pages.file),
    path("exports/<uuid:export_id>/stop", pages.stop),
]

"""The addresses of what goes out."""

from django.urls import path

from comity.exchange.exports import lists, pages, settings
from comity.exchange.exports.whole import pages as whole

urlpatterns = [
    path("exports", pages.index),
    path("support", settings.show),
    path("exports/base", whole.base),
    path("exports/new/<slug:slug>", lists.new),
    path("exports/<uuid:export_id>", pages.show),
    path("exports/<uuid:export_id>/file", pages.file),
    path("exports/<uuid:export_id>/stop", pages.stop),
]

"""The addresses of imports."""

from django.urls import path

from comity.exchange.imports import pages

urlpatterns = [
    path("import", pages.index),
    path("import/<uuid:load_id>", pages.show),
    path("import/<uuid:load_id>/map", pages.mapping),
    path("import/<uuid:load_id>/open", pages.opening),
    path("import/<uuid:load_id>/refused.csv", pages.refused),
    *(path(f"import/<uuid:load_id>/{what}", pages.act, {"what": what}) for what in ("run", "stop", "undo", "forget")),
]

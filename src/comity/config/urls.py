"""Every address of the installation, gathered from the rooms; the kit's come last, they take any word as a list."""

from django.urls import include, path

handler404 = "comity.ui.middleware.not_found"
handler500 = "comity.ui.middleware.failed"
handler400 = "comity.ui.middleware.not_found"
handler403 = "comity.ui.middleware.not_found"

urlpatterns = [
    path("", include("comity.ui.pages.login_urls")),
    path("api/", include("comity.api.urls")),
    path("", include("comity.sales.urls")),
    path("", include("comity.work.urls")),
    path("", include("comity.exchange.urls")),
    path("", include("comity.insight.urls")),
    path("", include("comity.parties.urls")),
    path("", include("comity.ui.urls")),
]

"""The addresses of the programs' door. The named ones come first: no type has one of their words as its slug."""

from django.urls import include, path

from comity.api import batches, bulk, consents, describing, docs_page, files, openapi, relations, trash, views
from comity.api.doors import door

urlpatterns = [
    path("api/docs", docs_page.index),
    path("api/docs/<slug:slug>", docs_page.one_type),
    path("api/v1/openapi.json", door(GET=openapi.document)),
    path("api/v1/me", door(GET=describing.me)),
    path("api/v1/types", door(GET=describing.types)),
    path("api/v1/types/<slug:slug>", door(GET=describing.one_type)),
    path("api/v1/users", door(GET=describing.users)),
    path("api/v1/teams", door(GET=describing.teams)),
    path("api/v1/tags", door(GET=describing.tags)),
    path("api/v1/batches", door(GET=batches.listing)),
    path("api/v1/batches/<uuid:batch_id>", door(GET=batches.show)),
    path("api/v1/batches/<uuid:batch_id>/undo", door(POST=batches.undo)),
    path("api/v1/", include("comity.api.webhooks.urls")),
    path("api/v1/<slug:slug>", door(GET=views.listing, POST=views.make)),
    path("api/v1/<slug:slug>/bulk", door(POST=bulk.change_many)),
    path("api/v1/<slug:slug>/trash", door(GET=trash.listing)),
    path("api/v1/<slug:slug>/<uuid:record_id>", door(GET=views.show, PATCH=views.change, DELETE=views.trash)),
    path("api/v1/<slug:slug>/<uuid:record_id>/restore", door(POST=views.restore)),
    path("api/v1/<slug:slug>/<uuid:record_id>/story", door(GET=views.story)),
    path("api/v1/<slug:slug>/<uuid:record_id>/actions/<slug:name>", door(POST=views.act)),
    path("api/v1/<slug:slug>/<uuid:record_id>/relations", door(GET=relations.listing, POST=relations.add)),
    path("api/v1/<slug:slug>/<uuid:record_id>/relations/<uuid:relation_id>", door(DELETE=relations.remove)),
    path("api/v1/<slug:slug>/<uuid:record_id>/consents", door(GET=consents.listing, POST=consents.add)),
    path("api/v1/<slug:slug>/<uuid:record_id>/files", door(GET=files.listing, POST=files.upload)),
    path("api/v1/<slug:slug>/<uuid:record_id>/files/<uuid:file_id>", door(GET=files.download, DELETE=files.remove)),
]

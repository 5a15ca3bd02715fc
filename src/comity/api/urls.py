"""The addresses of the programs' door. The named ones come first: no type has one of their words as its slug."""

from django.urls import include, path

from comity.api import batches, bulk, consents, describing, docs_page, files, openapi, relations, trash, views
from comity.api.doors import door

urlpatterns = [
    path("docs", docs_page.index),
    path("docs/<slug:slug>", docs_page.one_type),
    path("v1/openapi.json", door(GET=openapi.document)),
    path("v1/me", door(GET=describing.me)),
    path("v1/types", door(GET=describing.types)),
    path("v1/types/<slug:slug>", door(GET=describing.one_type)),
    path("v1/users", door(GET=describing.users)),
    path("v1/teams", door(GET=describing.teams)),
    path("v1/tags", door(GET=describing.tags)),
    path("v1/batches", door(GET=batches.listing)),
    path("v1/batches/<uuid:batch_id>", door(GET=batches.show)),
    path("v1/batches/<uuid:batch_id>/undo", door(POST=batches.undo)),
    path("v1/", include("comity.api.webhooks.urls")),
    path("v1/<slug:slug>", door(GET=views.listing, POST=views.make)),
    path("v1/<slug:slug>/bulk", door(POST=bulk.change_many)),
    path("v1/<slug:slug>/trash", door(GET=trash.listing)),
    path("v1/<slug:slug>/<uuid:record_id>", door(GET=views.show, PATCH=views.change, DELETE=views.trash)),
    path("v1/<slug:slug>/<uuid:record_id>/restore", door(POST=views.restore)),
    path("v1/<slug:slug>/<uuid:record_id>/story", door(GET=views.story)),
    path("v1/<slug:slug>/<uuid:record_id>/actions/<slug:name>", door(POST=views.act)),
    path("v1/<slug:slug>/<uuid:record_id>/relations", door(GET=relations.listing, POST=relations.add)),
    path("v1/<slug:slug>/<uuid:record_id>/relations/<uuid:relation_id>", door(DELETE=relations.remove)),
    path("v1/<slug:slug>/<uuid:record_id>/consents", door(GET=consents.listing, POST=consents.add)),
    path("v1/<slug:slug>/<uuid:record_id>/files", door(GET=files.listing, POST=files.upload)),
    path("v1/<slug:slug>/<uuid:record_id>/files/<uuid:file_id>", door(GET=files.download, DELETE=files.remove)),
]

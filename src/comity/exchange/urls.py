"""The addresses of the room."""

from django.urls import path

from comity.exchange.duplicates import pages as duplicates
from comity.exchange.erasing import pages as erasing
from comity.exchange.exports import urls as exports
from comity.exchange.handover import pages as handover
from comity.exchange.imports import urls as imports
from comity.exchange.keeping import looking as keeping
from comity.exchange.merging import pages as merging

urlpatterns = [
    *exports.urlpatterns,
    *imports.urlpatterns,
    path("merge/<slug:slug>/<uuid:record_id>", merging.choose),
    path("merge/<slug:slug>/<uuid:kept_id>/<uuid:lost_id>", merging.compare),
    path("duplicates", duplicates.index),
    path("duplicates/<slug:slug>", duplicates.index),
    path("duplicates/<slug:slug>/look", duplicates.look),
    path("duplicates/<slug:slug>/stop", duplicates.stop),
    path("duplicates/<slug:slug>/different", duplicates.different),
    path("duplicates/<slug:slug>/again", duplicates.again),
    path("duplicates/<slug:slug>/merge", duplicates.merge_many),
    path("erase/<slug:slug>/<uuid:record_id>", erasing.erase),
    path("handover", handover.begin),
    path("handover/<uuid:plan_id>", handover.show),
    path("handover/<uuid:plan_id>/go", handover.go),
    path("handover/<uuid:plan_id>/undo", handover.undo),
    path("keeping/<uuid:rule_id>", keeping.show),
    path("keeping/<uuid:rule_id>/<uuid:record_id>/keep", keeping.keep),
    path("trash/<slug:slug>/empty", keeping.empty),
    path("trash/<slug:slug>/<uuid:record_id>/delete", keeping.delete),
]

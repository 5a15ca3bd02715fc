"""The addresses of the kit's pages; lists come last because any word may be a type's slug."""

from django.urls import include, path

from comity.ui.pages import bulk, drafts, edit, history, linked, list_tools, lists, lookup, more, records, search, trash

urlpatterns = [
    path("", include("comity.ui.pages.settings.urls")),
    path("", more.home),
    path("more", more.more),
    path("palette", search.palette),
    path("search", search.search),
    path("lookup/<slug:name>", lookup.lookup),
    path("drafts/<slug:key>", drafts.draft),
    path("trash", trash.trash),
    path("undo/<int:event_id>", records.undo),
    path("<slug:slug>/", lists.list_page),
    path("<slug:slug>/filter", list_tools.filter_editor),
    path("<slug:slug>/columns", list_tools.columns),
    path("<slug:slug>/sort", list_tools.sort),
    path("<slug:slug>/views/new", list_tools.save_view),
    path("<slug:slug>/views/<uuid:view_id>/delete", list_tools.delete_view),
    path("<slug:slug>/bulk/<slug:action>", bulk.bulk),
    path("<slug:slug>/new", edit.create),
    path("<slug:slug>/duplicates", edit.duplicates),
    path("<slug:slug>/<uuid:record_id>", records.record),
    path("<slug:slug>/<uuid:record_id>/edit", edit.edit),
    path("<slug:slug>/<uuid:record_id>/fields/<slug:key>", edit.field),
    path("<slug:slug>/<uuid:record_id>/tags", edit.tags),
    path("<slug:slug>/<uuid:record_id>/story", records.story_page),
    path("<slug:slug>/<uuid:record_id>/history", history.history),
    path("<slug:slug>/<uuid:record_id>/trash", trash.put),
    path("<slug:slug>/<uuid:record_id>/restore", trash.restore),
    path("<slug:slug>/<uuid:record_id>/pin", records.pin),
    path("<slug:slug>/<uuid:record_id>/links", linked.add),
    path("<slug:slug>/<uuid:record_id>/links/<uuid:relation_id>/remove", linked.remove),
    path("<slug:slug>/<uuid:record_id>/shares", linked.shares),
]

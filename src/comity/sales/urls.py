"""The addresses of the room."""

from django.urls import path

from comity.sales.deals import line_form as deal_lines
from comity.sales.deals import passes
from comity.sales.deals import views as deals
from comity.sales.leads import views as leads
from comity.sales.leads.convert_form import convert

urlpatterns = [
    path("deals/<uuid:deal_id>/move", deals.move),
    path("deals/<uuid:deal_id>/won", deals.won),
    path("deals/<uuid:deal_id>/lost", deals.lost),
    path("deals/<uuid:deal_id>/reopen", deals.reopen),
    path("deals/<uuid:deal_id>/lines", deal_lines.lines),
    path("deals/passes/<uuid:pass_id>/withdraw", passes.withdraw),
    path("leads/<uuid:lead_id>/answer", leads.answered),
    path("leads/<uuid:lead_id>/qualify", leads.qualify),
    path("leads/<uuid:lead_id>/refuse", leads.refuse),
    path("leads/<uuid:lead_id>/reopen", leads.reopen),
    path("leads/<uuid:lead_id>/convert", convert),
]

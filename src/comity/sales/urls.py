"""The addresses of the room."""

from django.urls import path

from comity.sales.deals import line_form as deal_lines
from comity.sales.deals import views as deals

urlpatterns = [
    path("deals/<uuid:deal_id>/move", deals.move),
    path("deals/<uuid:deal_id>/won", deals.won),
    path("deals/<uuid:deal_id>/lost", deals.lost),
    path("deals/<uuid:deal_id>/reopen", deals.reopen),
    path("deals/<uuid:deal_id>/lines", deal_lines.lines),
]

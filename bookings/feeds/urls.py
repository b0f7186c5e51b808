from django.urls import path

from bookings.views import feeds

urlpatterns = [
    path("agendas/", feeds.feeds, name="feeds"),
    path("agendas/<int:pk>/fermer/", feeds.revoke_feed, name="revoke_feed"),
    path("agenda/<str:secret>.ics", feeds.feed, name="feed"),
]

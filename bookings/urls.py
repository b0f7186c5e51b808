from django.urls import path

from bookings.cases import urls as case_urls
from bookings.changes import urls as change_urls
from bookings.day import urls as day_urls
from bookings.feeds import urls as feed_urls
from bookings.kerb import urls as kerb_urls
from bookings.requests import urls as request_urls
from bookings.rules import urls as rule_urls
from bookings.series import urls as series_urls
from bookings.views import board, book, loans, room

app_name = "bookings"
urlpatterns = [
    path("planning/", board.board, name="board"),
    path("planning/prets/<int:pk>/", board.beside, name="board_loan"),
    path("prets/", loans.bookings, name="bookings"),
    path("prets/reserver/", book.book, name="book"),
    path("prets/reserver/personne/", book.find_participant, name="find_participant"),
    path("prets/reserver/nouvelle-personne/", book.new_participant, name="new_participant"),
    path("prets/reserver/faire-de-la-place/", room.make_room, name="make_room"),
    path("prets/enregistrer/", book.record, name="record"),
    path("prets/<int:pk>/", loans.booking, name="booking"),
    path("prets/<int:pk>/messages/", loans.messages, name="messages"),
    path("prets/<int:pk>/clore/", loans.close, name="close"),
    path("prets/<int:pk>/autre-vehicule/", loans.replace_vehicle, name="replace_vehicle"),
    path("prets/<int:pk>/corriger-le-vehicule/", loans.correct_vehicle, name="correct_vehicle"),
    path("prets/<int:pk>/garder-le-vehicule/<int:assignment>/", room.pin, name="pin"),
    path("prets/<int:pk>/liberer-le-choix/<int:assignment>/", room.unpin, name="unpin"),
    path("prets/<int:pk>/reloger/", loans.rehouse, name="rehouse"),
    *change_urls.urlpatterns,
    *day_urls.urlpatterns,
    *feed_urls.urlpatterns,
    *kerb_urls.urlpatterns,
    *series_urls.urlpatterns,
    *request_urls.urlpatterns,
    *case_urls.urlpatterns,
    *rule_urls.urlpatterns,
]

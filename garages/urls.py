from django.urls import path

from core.import_pages import routes
from garages import views
from garages.import_pages import GARAGES

app_name = "garages"
urlpatterns = [
    *routes(GARAGES),
    path("garages/", views.garages, name="garages"),
    path("garages/ajouter/", views.add, name="add"),
    path("garages/<int:pk>/", views.garage, name="garage"),
    path("garages/<int:pk>/modifier/", views.change, name="change"),
    path("garages/<int:pk>/tarif/", views.set_rate, name="set_rate"),
    path("garages/<int:pk>/personnes/", views.add_member, name="add_member"),
    path("garages/<int:pk>/personnes/<int:member>/retirer/", views.remove_member, name="remove_member"),
    path("garages/<int:pk>/lien/", views.send_link, name="send_link"),
    path("garages/<int:pk>/arreter/", views.stop, name="stop"),
    path("garages/<int:pk>/reprendre/", views.resume, name="resume"),
]

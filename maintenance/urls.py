from django.urls import path

from maintenance.garage_verbs import VERBS
from maintenance.views import garage

app_name = "maintenance"
urlpatterns = [
    path("garage/", garage.garage, name="garage"),
    path("garage/travaux/<int:pk>/", garage.garage_job, name="garage_job"),
    path("garage/travaux/<int:pk>/photos/<uuid:file>/", garage.garage_photo, name="garage_photo"),
    *(
        path(f"garage/travaux/<int:pk>/{verb.slug}/", garage.garage_verb, {"verb": name}, name=f"garage_{name}")
        for name, verb in VERBS.items()
    ),
]

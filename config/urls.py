from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("fleet.urls")),
    path("", include("participants.urls")),
    path("", include("garages.urls")),
    path("", include("pricing.urls")),
    path("", include("maintenance.urls")),
    path("", include("bookings.urls")),
    path("", include("portal.urls")),
    path("compte/", include("accounts.sign_in_urls")),
    path("api/v1/", include("api.urls")),
]

if settings.DEBUG:
    from core.style_guide import style_guide

    urlpatterns += [path("style/", style_guide)]

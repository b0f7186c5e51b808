from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

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
    # An address is changed by the coordinator, not by allauth's own page.
    path("compte/email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("compte/", include("allauth.urls")),
    path("api/v1/", include("api.urls")),
]

if settings.DEBUG:
    from core.style_guide import style_guide

    urlpatterns += [path("style/", style_guide)]

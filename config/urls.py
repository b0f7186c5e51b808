from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("compte/", include("allauth.urls")),
]

if settings.DEBUG:
    from core.style_guide import style_guide

    urlpatterns += [path("style/", style_guide)]

from django.urls import URLPattern, URLResolver
from rest_framework.routers import SimpleRouter

app_name = "api"
router = SimpleRouter()

urlpatterns: list[URLPattern | URLResolver] = [*router.urls]

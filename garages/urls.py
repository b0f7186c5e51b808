from django.urls import URLPattern

app_name = "garages"
urlpatterns: list[URLPattern] = []

from django.urls import path

from config.urls import urlpatterns as real
from core.style_guide import style_guide

urlpatterns = [*real, path("style/", style_guide)]

"""Celery is only the wake-up call: what is due stands in the database (see core/outbox.py)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("remise")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

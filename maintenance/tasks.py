from celery import shared_task

from maintenance import actions, immobilisation


@shared_task(name="maintenance.expire_silent_offers")
def expire_silent_offers() -> int:
    return actions.expire_silent_offers()


@shared_task(name="maintenance.prolong_immobilisations")
def prolong_immobilisations() -> int:
    return immobilisation.prolong_what_lasts()

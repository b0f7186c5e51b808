from django.urls import path

from maintenance.garage_verbs import VERBS
from maintenance.views import garage, jobs, verbs

app_name = "maintenance"
urlpatterns = [
    path("reparations/", jobs.jobs, name="jobs"),
    path("reparations/toutes/", jobs.history, name="history"),
    path("reparations/signaler/", verbs.report, name="report"),
    path("reparations/signaler/<int:participant>/", verbs.report_own, name="report_own"),
    path("reparations/reglages/", verbs.policy, name="policy"),
    path("reparations/<int:pk>/", jobs.job, name="job"),
    path("reparations/<int:pk>/fichiers/<uuid:file>/", jobs.job_file, name="job_file"),
    path("reparations/<int:pk>/corriger/", verbs.change, name="change"),
    path("reparations/<int:pk>/photos/", verbs.add_photos, name="add_photos"),
    path("reparations/<int:pk>/proposer/", verbs.offer, name="offer"),
    path("reparations/<int:pk>/proposer-au-suivant/", verbs.offer_next, name="offer_next"),
    path("reparations/<int:pk>/retirer/", verbs.withdraw, name="withdraw"),
    path("reparations/<int:pk>/confier/", verbs.give, name="give"),
    path("reparations/<int:pk>/devis/approuver/", verbs.approve_quote, name="approve_quote"),
    path("reparations/<int:pk>/devis/refuser/", verbs.refuse_quote, name="refuse_quote"),
    path("reparations/<int:pk>/recuperer/", verbs.collect, name="collect"),
    path("reparations/<int:pk>/au-garage/<int:stay>/", verbs.correct_stay, name="correct_stay"),
    path("reparations/<int:pk>/payee/", verbs.mark_paid, name="mark_paid"),
    path("reparations/<int:pk>/annuler/", verbs.cancel, name="cancel"),
    *(
        path(f"reparations/<int:pk>/garage/{verb.slug}/", verbs.on_behalf, {"verb": name}, name=name)
        for name, verb in VERBS.items()
    ),
    path("garage/", garage.garage, name="garage"),
    path("garage/travaux/<int:pk>/", garage.garage_job, name="garage_job"),
    path("garage/travaux/<int:pk>/photos/<uuid:file>/", garage.garage_photo, name="garage_photo"),
    *(
        path(f"garage/travaux/<int:pk>/{verb.slug}/", garage.garage_verb, {"verb": name}, name=f"garage_{name}")
        for name, verb in VERBS.items()
    ),
]

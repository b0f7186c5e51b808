from django.urls import path

from pricing.views import accounts, tariffs, verbs

app_name = "pricing"
urlpatterns = [
    path("comptes/", accounts.accounts, name="accounts"),
    path("comptes/caisse/", accounts.takings, name="takings"),
    path("comptes/<int:pk>/", accounts.account, name="account"),
    path("comptes/<int:pk>/encaisser/", verbs.pay, name="pay"),
    path("comptes/<int:pk>/ajouter/", verbs.add_charge, name="add_charge"),
    path("comptes/montants/<int:pk>/annuler/", verbs.reverse_charge, name="reverse_charge"),
    path("comptes/montants/<int:pk>/remise/", verbs.waive, name="waive"),
    path("comptes/paiements/<int:pk>/annuler/", verbs.reverse_payment, name="reverse_payment"),
    path("comptes/depots/<int:pk>/recevoir/", verbs.receive_deposit, name="receive_deposit"),
    path("comptes/depots/<int:pk>/rendre/", verbs.return_deposit, name="return_deposit"),
    path("comptes/depots/<int:pk>/garder/", verbs.keep_deposit, name="keep_deposit"),
    path("comptes/depots/<int:pk>/dispenser/", verbs.waive_deposit, name="waive_deposit"),
    path("recus/<int:pk>/", accounts.receipt, name="receipt"),
    path("tarifs/", tariffs.tariffs, name="tariffs"),
    path("tarifs/nouveau/", tariffs.new_tariff, name="new_tariff"),
    path("tarifs/<int:pk>/arreter/", tariffs.end_tariff, name="end_tariff"),
    path("payeurs/", tariffs.payers, name="payers"),
    path("payeurs/nouveau/", tariffs.new_payer, name="new_payer"),
    path("payeurs/<int:pk>/", tariffs.payer, name="payer"),
]

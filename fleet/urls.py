from django.urls import path

from core.import_pages import routes
from fleet.import_pages import VEHICLES
from fleet.views import insurance, opening, records, sites, vehicles, yard

app_name = "fleet"
urlpatterns = [
    path("vehicules/", vehicles.vehicles, name="vehicles"),
    *routes(VEHICLES),
    path("vehicules/ajouter/", vehicles.add_vehicle, name="add_vehicle"),
    path("vehicules/<int:pk>/", vehicles.vehicle, name="vehicle"),
    path("vehicules/<int:pk>/photo/", vehicles.photo, name="photo"),
    path("vehicules/<int:pk>/modifier/", vehicles.change_vehicle, name="change_vehicle"),
    path("vehicules/<int:pk>/deplacer/", vehicles.move_vehicle, name="move_vehicle"),
    path("vehicules/<int:pk>/pret/", yard.ready, name="ready"),
    path("vehicules/<int:pk>/deplacement/", yard.plan_transfer, name="plan_transfer"),
    path("deplacements/<int:pk>/arrive/", yard.transfer_done, name="transfer_done"),
    path("vehicules/<int:pk>/retirer/", vehicles.withdraw, name="withdraw"),
    path("vehicules/<int:pk>/remettre/", vehicles.put_back, name="put_back"),
    path("vehicules/<int:pk>/degat/", records.report_damage, name="report_damage"),
    path("vehicules/<int:pk>/compteur/", records.read_odometer, name="read_odometer"),
    path("vehicules/<int:pk>/compteur/remplace/", records.new_counter, name="new_counter"),
    path("vehicules/<int:pk>/papier/", records.add_document, name="add_document"),
    path("vehicules/<int:pk>/equipement/", records.add_equipment, name="add_equipment"),
    path("vehicules/<int:pk>/mettre-de-cote/", records.reserve, name="reserve"),
    path("degats/<int:pk>/repare/", records.mend_damage, name="mend_damage"),
    path("degats/photos/<int:pk>/", records.damage_photo, name="damage_photo"),
    path("releves/<int:pk>/", records.settle_reading, name="settle_reading"),
    path("papiers/<int:pk>/", records.document_file, name="document_file"),
    path("equipements/<int:pk>/perdu/", records.lose_equipment, name="lose_equipment"),
    path("mises-de-cote/<int:pk>/", records.change_reserve, name="change_reserve"),
    path("mises-de-cote/<int:pk>/liberer/", records.release_hold, name="release_hold"),
    path("sites/", sites.sites, name="sites"),
    path("sites/ajouter/", sites.add_site, name="add_site"),
    path("sites/<int:pk>/modifier/", sites.change_site, name="change_site"),
    path("sites/<int:pk>/horaires/", opening.opening_hours, name="opening_hours"),
    path("sites/<int:pk>/horaires/fermeture/", opening.close_site, name="close_site"),
    path("sites/<int:pk>/horaires/ouverture/", opening.open_site, name="open_site"),
    path("sites/<int:pk>/horaires/retirer/<int:event>/", opening.forget_day, name="forget_day"),
    path("assurances/", insurance.policies, name="policies"),
    path("assurances/ajouter/", insurance.add_policy, name="add_policy"),
    path("assurances/<int:pk>/", insurance.change_policy, name="change_policy"),
    path("assurances/<int:pk>/contrat/", insurance.policy_file, name="policy_file"),
]

from core.import_pages import ImportPages
from fleet import perms
from fleet.imports import COLUMNS, import_vehicles

VEHICLES = ImportPages(
    room="fleet",
    path="vehicules",
    verb=import_vehicles,
    may=perms.can_import_vehicles,
    columns=COLUMNS,
    journal="vehicles.imported",
    one="véhicule",
    many="véhicules",
    recognised_by="Un véhicule est reconnu à son immatriculation ou à son numéro de cadre ; un vélo qui n’a ni l’une "
    "ni l’autre, à son numéro de parc.",
    shown=("N°", "Marque", "Modèle", "Immatriculation"),
    list_name="fleet:vehicles",
    option="create_sites",
    missing="sites",
)

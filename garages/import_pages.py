from core.import_pages import ImportPages
from garages import perms
from garages.imports import COLUMNS, import_garages

GARAGES = ImportPages(
    room="garages",
    path="garages",
    verb=import_garages,
    may=lambda user, platform: perms.can_import(user, platform.pk),
    columns=COLUMNS,
    journal="garages.imported",
    one="garage",
    many="garages",
    recognised_by="Un garage est reconnu à son SIRET.",
    shown=("Garage", "Ville", "SIRET"),
    list_name="garages:garages",
)

from core.import_pages import ImportPages
from participants import perms
from participants.imports import COLUMNS, import_participants

PARTICIPANTS = ImportPages(
    room="participants",
    path="participants",
    verb=import_participants,
    may=perms.can_register,
    columns=COLUMNS,
    journal="participants.imported",
    one="participant",
    many="participants",
    recognised_by="Une personne est reconnue à son nom et à sa date de naissance.",
    shown=("Nom", "Prénom", "Né(e) le"),
    list_name="participants:participants",
)

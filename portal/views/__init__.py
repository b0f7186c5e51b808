from portal.views.agenda import agenda
from portal.views.desk import journal, search, send_link, settings, today, write_note
from portal.views.home import home
from portal.views.me import accident, breakdown, defect, longer, me, papers, sign, thanks, vehicle_photo
from portal.views.messages import messages, open_as, told

__all__ = [
    "accident", "agenda", "breakdown", "defect", "home", "journal", "longer", "me", "messages", "open_as", "papers",
    "search", "send_link", "settings", "sign", "thanks", "today", "told", "vehicle_photo", "write_note",
]  # fmt: skip

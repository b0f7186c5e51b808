from portal.views.agenda import agenda
from portal.views.desk import journal, search, send_link, settings, today, write_note
from portal.views.home import home
from portal.views.me import accident, breakdown, defect, longer, me, papers, sign, thanks, vehicle_photo
from portal.views.me_requests import accept, ask, decline, leave, withdraw
from portal.views.messages import messages, open_as, told

__all__ = [
    "accept", "accident", "agenda", "ask", "breakdown", "decline", "defect", "home", "journal", "leave",
    "longer", "me", "messages", "open_as", "papers",
    "search", "send_link", "settings", "sign", "thanks", "today", "told", "vehicle_photo", "withdraw",
    "write_note",
]  # fmt: skip

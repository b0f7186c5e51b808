from core.import_pages import routes
from participants.import_pages import PARTICIPANTS

app_name = "participants"
urlpatterns = [
    *routes(PARTICIPANTS),
]

from core.import_pages import routes
from fleet.import_pages import VEHICLES

app_name = "fleet"
urlpatterns = [
    *routes(VEHICLES),
]

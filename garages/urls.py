from core.import_pages import routes
from garages.import_pages import GARAGES

app_name = "garages"
urlpatterns = [
    *routes(GARAGES),
]

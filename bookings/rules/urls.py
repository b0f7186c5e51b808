from django.urls import path

from bookings.views import rules

urlpatterns = [
    path("regles/", rules.rules, name="rules"),
    path("regles/nouvelles/", rules.new_rules, name="new_rules"),
    path("regles/loi/", rules.settle_law, name="settle_law"),
    path("regles/<int:pk>/arreter/", rules.end_rules, name="end_rules"),
    path("regles/passees/", rules.passes, name="passes"),
    path("regles/passees/<int:pk>/vu/", rules.review_pass, name="review_pass"),
    path("prets/<int:pk>/avant-la-remise/", rules.pass_rules, name="pass_rules"),
]

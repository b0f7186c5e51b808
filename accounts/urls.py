from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("lien/<str:secret>/", views.open_link, name="open_link"),
    path("lien/<str:secret>/nouveau/", views.ask_for_link, name="ask_for_link"),
    path("qr/<str:signed>/", views.open_qr, name="open_qr"),
    path("liens/<int:pk>/revoquer/", views.revoke_link, name="revoke_link"),
    path("plateforme/", views.platform, name="platform"),
    path("plateforme/choisir/", views.switch_platform, name="switch_platform"),
    path("equipe/", views.team, name="team"),
    path("equipe/inviter/", views.invite, name="invite"),
    path("equipe/<int:pk>/role/", views.change_role, name="change_role"),
    path("equipe/<int:pk>/retirer/", views.remove_member, name="remove_member"),
    path("mon-compte/", views.me, name="me"),
    path("mon-compte/jetons/", views.create_token, name="create_token"),
    path("mon-compte/jetons/<int:pk>/revoquer/", views.revoke_token, name="revoke_token"),
]

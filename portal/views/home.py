from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.doors import not_only_staff
from garages.models import Garage


@not_only_staff
def home(request: HttpRequest) -> HttpResponse:
    """Everybody's own door: staff to Aujourd’hui, a participant to their page, a garage to its jobs."""
    if request.memberships:
        return redirect("/aujourdhui/")
    if hasattr(request.user, "participant"):
        return redirect("/moi/")
    if Garage.objects.answered_by(request.user).exists():
        return redirect("/garage/")
    return render(request, "portal/nowhere.html")

"""A garage one no longer works with: its people are signed out and see nothing, until one works with it again."""

from typing import Any

import pytest
from django.test import Client

from accounts import links
from garages import actions
from garages.models import Garage, GarageMember
from garages.perms import answers_for


@pytest.fixture
def member(garage: Any, farid: Any) -> GarageMember:
    return actions.add_member(garage, name="Luc", email="luc@example.org", by=farid)


def test_its_people_are_signed_out_whatever_they_came_in_by(
    garage: Any, member: GarageMember, farid: Any, platform: Any
) -> None:
    by_link, by_code = Client(), Client()
    url = links.mint(garage.user, platform=platform, purpose="garage", path="/garage/")
    by_link.post(url.removeprefix("http://localhost:8000"))
    by_code.force_login(member.user)
    assert [visitor.get("/garage/").status_code for visitor in (by_link, by_code)] == [200, 200]
    actions.stop_working_with(garage, by=farid)
    assert [visitor.get("/garage/").status_code for visitor in (by_link, by_code)] == [302, 302]


def test_signed_in_again_they_see_nothing(garage: Any, member: GarageMember, farid: Any) -> None:
    actions.stop_working_with(garage, by=farid)
    for user in (garage.user, member.user):
        client = Client()
        client.force_login(type(user).objects.get(pk=user.pk))
        assert client.get("/garage/").status_code == 403
        assert client.get("/").status_code == 200, "says that there is nothing here"
        assert not Garage.objects.visible_to(user).exists()
        assert not answers_for(user, Garage.objects.get())


def test_once_one_works_with_it_again_its_page_opens(garage: Any, member: GarageMember, farid: Any) -> None:
    actions.stop_working_with(garage, by=farid)
    actions.work_again_with(garage, by=farid)
    client = Client()
    client.force_login(type(member.user).objects.get(pk=member.user_id))
    assert client.get("/garage/").status_code == 200


def test_staff_still_see_it(garage: Any, farid: Any) -> None:
    actions.stop_working_with(garage, by=farid)
    assert Garage.objects.visible_to(farid).get() == garage

"""How every action writes: constraints become sentences, locks are waited for, rules of platforms hold."""

import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections, transaction

from accounts.models import Platform, User
from core.db import action, become, create_all, lock, lock_all, refuse, require, save
from fleet.models import Hold, Site, Vehicle
from maintenance.models import RepairJob
from tests.factories import HoldFactory, PlatformFactory, SiteFactory, UserFactory, VehicleFactory


def test_a_broken_constraint_comes_back_as_its_own_sentence_and_code(db: None) -> None:
    hold = HoldFactory()
    again = Hold(
        platform=hold.platform, vehicle=hold.vehicle, purpose="reserve", starts_at=hold.starts_at, ends_at=hold.ends_at
    )
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        save(again)
    assert refusal.value.code == "overlap"
    assert refusal.value.messages == ["Ce véhicule est déjà pris à ces dates."]
    assert Hold.objects.count() == 1


def test_a_unique_constraint_too(db: None) -> None:
    PlatformFactory(slug="sud-landes")
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        save(Platform(name="Autre", slug="sud-landes", machine_user=UserFactory(email=None)))
    assert refusal.value.code == "slug_taken"


def test_a_field_that_does_not_stand_is_named(db: None) -> None:
    with pytest.raises(ValidationError) as refusal:
        save(Site(platform=PlatformFactory(), name=""))
    assert list(refusal.value.error_dict) == ["name"]


def test_a_save_asks_nothing_before_it_writes(db: None, django_assert_num_queries: Any) -> None:
    platform = PlatformFactory()
    with django_assert_num_queries(1):
        save(Site(platform=platform, name="Dax"))


def test_a_row_may_not_refer_to_another_platforms(db: None) -> None:
    vehicle = VehicleFactory()
    vehicle.site = SiteFactory()
    with pytest.raises(ValidationError) as refusal:
        save(vehicle)
    assert refusal.value.code == "other_platform"


def test_many_rows_are_written_under_the_same_rules(db: None, django_assert_num_queries: Any) -> None:
    platform = PlatformFactory()
    with django_assert_num_queries(1):
        create_all(Site, [Site(platform=platform, name=f"Site {n}") for n in range(5)])
    with pytest.raises(ValidationError) as refusal, transaction.atomic():
        create_all(Site, [Site(platform=platform, name="Neuf"), Site(platform=platform, name="site 3")])
    assert refusal.value.code == "site_exists"


def test_a_state_moves_only_along_its_models_next() -> None:
    job = RepairJob(state="done")
    with pytest.raises(ValidationError) as refusal:
        become(job, "quoted")
    assert refusal.value.code == "wrong_state"
    assert "« Terminé »" in refusal.value.messages[0]
    assert job.state == "done"
    become(job, "collected")
    assert job.state == "collected"


def test_what_is_not_permitted_is_refused() -> None:
    with pytest.raises(PermissionDenied):
        require(False)
    require(True)


def test_rows_are_locked_in_the_order_of_their_ids(db: None, django_assert_num_queries: Any) -> None:
    vehicles = [VehicleFactory() for _ in range(3)]
    with django_assert_num_queries(1):
        locked = lock_all(Vehicle, [v.pk for v in reversed(vehicles)])
    assert [v.pk for v in locked] == sorted(v.pk for v in vehicles)


def test_an_action_leaves_nothing_half_done(db: None) -> None:
    @action
    def fails() -> None:
        UserFactory(name="À moitié")
        raise refuse("Non.", "no")

    with pytest.raises(ValidationError):
        fails()
    assert not User.objects.filter(name="À moitié").exists()


def test_an_action_inside_another_joins_its_transaction(db: None) -> None:
    @action
    def inner() -> None:
        UserFactory(name="Dedans")

    @action
    def outer() -> None:
        inner()
        raise refuse("Non.", "no")

    with pytest.raises(ValidationError):
        outer()
    assert not User.objects.filter(name="Dedans").exists()


# --- real connections -------------------------------------------------------------------------


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_actions_that_deadlock_both_get_through() -> None:
    """Each takes one row and then the other's: PostgreSQL throws one of them out, and it tries again."""
    first, second = UserFactory(), UserFactory()
    both_hold_one = threading.Barrier(2, timeout=30)
    tries: list[str] = []
    failed: list[BaseException] = []

    @action
    def rename_both(one: User, other: User, name: str) -> None:
        tries.append(name)
        User.objects.filter(pk=one.pk).update(name=name)
        if len(tries) <= 2:
            both_hold_one.wait()
        User.objects.filter(pk=other.pk).update(name=name)

    def run(*args: Any) -> None:
        try:
            rename_both(*args)
        except BaseException as error:  # noqa: BLE001 - shown below
            failed.append(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(first, second, "A")),
        threading.Thread(target=run, args=(second, first, "B")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert len(tries) == 3, "one of the two was thrown out once"
    assert User.objects.get(pk=first.pk).name == User.objects.get(pk=second.pk).name


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_row_that_stays_taken_is_busy_and_no_error() -> None:
    user = UserFactory()
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock(user)
            held.set()
            done.wait(20)
        connections.close_all()

    @action
    def rename() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '50ms'")
        lock(user)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    try:
        with pytest.raises(ValidationError) as refusal:
            rename()
    finally:
        done.set()
        holder.join()
    assert refusal.value.code == "busy"


def test_what_somebody_else_has_just_deleted_is_refused_in_a_sentence(db: None) -> None:
    hold = HoldFactory()
    Hold.objects.all().delete()
    with pytest.raises(ValidationError) as refusal:
        lock(hold)
    assert refusal.value.code == "gone"

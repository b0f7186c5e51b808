"""A double click, a lost answer, a retry: it happens once."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.test import RequestFactory

from core import clock, idempotency
from core.db import action, refuse
from core.journal import record
from core.models import IdempotencyKey
from core.web import once
from tests.factories import UserFactory


def test_a_key_is_carried_out_once(db: None) -> None:
    row, ours = idempotency.claim(1, "k", "f")
    assert ours
    idempotency.finish(row, status=201, answer={"id": 7})
    again, ours = idempotency.claim(1, "k", "f")
    assert (ours, again.status, again.answer) == (False, 201, {"id": 7})


def test_another_persons_key_is_another_key(db: None) -> None:
    idempotency.claim(1, "k", "f")
    assert idempotency.claim(2, "k", "f")[1]


def test_a_key_for_another_request_is_refused(db: None) -> None:
    idempotency.claim(1, "k", "f")
    with pytest.raises(ValidationError) as refusal:
        idempotency.claim(1, "k", "other")
    assert refusal.value.code == "key_reused"


def test_while_the_first_is_under_way_the_second_waits_its_turn(db: None) -> None:
    idempotency.claim(1, "k", "f")
    with pytest.raises(ValidationError) as refusal:
        idempotency.claim(1, "k", "f")
    assert refusal.value.code == "busy"


def test_a_key_whose_process_died_is_taken_over(db: None) -> None:
    idempotency.claim(1, "k", "f")
    with clock.travel(dt.timedelta(minutes=3)):
        assert idempotency.claim(1, "k", "f")[1]


@action
def put(what: str, *, fails: bool = False) -> None:
    record(None, what, UserFactory())
    if fails:
        raise refuse("Non.", "no")


def test_what_was_done_before_the_process_died_is_never_done_again(db: None) -> None:
    row, _ = idempotency.claim(1, "k", "f")
    with idempotency.carrying_out(row):
        put("test.done")  # and here the process is killed: no answer is kept
    with pytest.raises(ValidationError) as refusal:
        idempotency.claim(1, "k", "f")
    assert refusal.value.code == "busy", "the answer may still come"
    for later in (dt.timedelta(seconds=11), dt.timedelta(minutes=3), dt.timedelta(days=1)):
        with clock.travel(later), pytest.raises(ValidationError) as refusal:
            idempotency.claim(1, "k", "f")
        assert refusal.value.code == "already_done"


def test_what_was_refused_says_nothing_of_being_done(db: None) -> None:
    row, _ = idempotency.claim(1, "k", "f")
    with idempotency.carrying_out(row), pytest.raises(ValidationError):
        put("test.refused", fails=True)
    idempotency.release(row)
    assert idempotency.claim(1, "k", "f")[1]
    put("test.other")  # outside, it is another thing that is done
    idempotency.give_up(IdempotencyKey.objects.get())
    assert not IdempotencyKey.objects.exists()


def test_what_failed_may_be_tried_again(db: None) -> None:
    row, _ = idempotency.claim(1, "k", "f")
    idempotency.release(row)
    assert idempotency.claim(1, "k", "f")[1]


def test_a_key_that_is_released_between_two_looks_is_ours(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first was refused at the very moment at which the second found its row there."""

    def conflict_then_gone(**values: Any) -> Any:
        monkeypatch.undo()
        raise IntegrityError

    monkeypatch.setattr(IdempotencyKey.objects, "create", conflict_then_gone)
    assert idempotency.claim(1, "k", "f")[1]


def test_old_keys_are_forgotten(db: None) -> None:
    idempotency.claim(1, "k", "f")
    assert idempotency.forget_old() == 0
    with clock.travel(dt.timedelta(days=3)):
        assert idempotency.forget_old() == 1


# --- pages ---------------------------------------------------------------------------------------


class Desk:
    """A view that makes something, and what it has made."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.user = UserFactory()
        self.view = once(self.make)

    def make(self, request: HttpRequest) -> HttpResponse:
        if request.POST.get("name") == "refused":
            raise ValidationError("Non.", code="no")
        if request.POST.get("name") == "incomplete":
            return HttpResponse("again", status=422)
        if "done" in request.POST.get("name", ""):
            put("test.done")
        if "breaks" in request.POST.get("name", ""):
            raise RuntimeError
        self.made.append(request.POST["name"])
        return redirect(f"/made/{len(self.made)}/")

    def send(self, **fields: str) -> HttpResponse:
        request = RequestFactory().post("/make/", fields)
        request.user = self.user
        return self.view(request)


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk()


def test_a_second_click_gets_the_first_ones_page(desk: Desk) -> None:
    first = desk.send(name="a", submission="k", csrfmiddlewaretoken="1")
    second = desk.send(name="a", submission="k", csrfmiddlewaretoken="2")
    assert (first["Location"], second["Location"]) == ("/made/1/", "/made/1/")
    assert desk.made == ["a"]


def test_a_form_without_a_key_is_as_it_was(desk: Desk) -> None:
    desk.send(name="a")
    desk.send(name="a")
    assert len(desk.made) == 2


def test_after_a_form_that_did_not_stand_the_key_serves_again(desk: Desk) -> None:
    assert desk.send(name="incomplete", submission="k").status_code == 422
    assert desk.send(name="a", submission="k").status_code == 302


def test_after_a_refusal_the_key_serves_again(desk: Desk) -> None:
    with pytest.raises(ValidationError):
        desk.send(name="refused", submission="k")
    assert not IdempotencyKey.objects.exists()


def test_a_page_that_breaks_after_it_was_done_is_not_done_twice(desk: Desk) -> None:
    for _ in range(2):
        with pytest.raises(RuntimeError):  # it broke before anything was done: it may be sent again
            desk.send(name="breaks", submission="k")
    with pytest.raises(RuntimeError):
        desk.send(name="done, then breaks", submission="l")
    with clock.travel(dt.timedelta(minutes=3)), pytest.raises(ValidationError) as refusal:
        desk.send(name="done, then breaks", submission="l")
    assert refusal.value.code == "already_done"


def test_a_stale_form_that_was_changed_is_refused_in_a_sentence(desk: Desk) -> None:
    desk.send(name="a", submission="k")
    with pytest.raises(ValidationError) as refusal:
        desk.send(name="b", submission="k")
    assert refusal.value.code == "already_sent"
    assert desk.made == ["a"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_thing_and_show_one_page() -> None:
    desk = Desk()
    slow = threading.Event()
    make = desk.make

    def slowly(request: HttpRequest) -> HttpResponse:
        slow.wait(0.3)
        return make(request)

    desk.view = once(slowly)
    answers: list[str] = []

    def click() -> None:
        answers.append(desk.send(name="a", submission="k")["Location"])
        connections.close_all()

    clicks: list[Any] = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert answers == ["/made/1/", "/made/1/"]
    assert desk.made == ["a"]

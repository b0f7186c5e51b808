import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory

from core import clock
from core.templatetags.remise import SPRITE, STATES, TONES, brief_span
from portal.context_processors import RAIL

PARIS = ZoneInfo("Europe/Paris")
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=PARIS)  # a Monday


def show(source: str, **context: object) -> str:
    return Template(source).render(Context(context)).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture(autouse=True)
def monday_noon():
    with clock.travel(to=NOON):
        yield


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (dt.datetime(2026, 3, 3, 18, 0, tzinfo=PARIS), "demain à 18 h"),
        (dt.datetime(2026, 3, 2, 8, 5, tzinfo=PARIS), "aujourd’hui à 8 h 05"),
        (dt.datetime(2026, 3, 1, 9, 0, tzinfo=PARIS), "hier à 9 h"),
        (dt.datetime(2026, 3, 31, 18, 30, tzinfo=PARIS), "mardi 31 mars à 18 h 30"),
        (dt.datetime(2026, 5, 1, 12, 0, tzinfo=PARIS), "vendredi 1er mai à midi"),
        (dt.datetime(2027, 1, 4, 0, 0, tzinfo=PARIS), "lundi 4 janvier 2027 à minuit"),
        (dt.datetime(2026, 3, 3, 23, 30, tzinfo=dt.UTC), "mercredi 4 mars à 0 h 30"),
        (None, ""),
    ],
)
def test_a_moment_is_said_as_people_say_it(at, words):
    assert show("{{ at|moment }}", at=at) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((2026, 3, 9, 9, 0), (2026, 3, 13, 18, 0), "du lundi 9 mars à 9 h au vendredi 13 mars à 18 h"),
        ((2026, 3, 9, 9, 0), (2026, 3, 9, 18, 0), "lundi 9 mars de 9 h à 18 h"),
        ((2026, 3, 2, 13, 0), (2026, 3, 3, 18, 0), "d’aujourd’hui à 13 h à demain à 18 h"),
        ((2026, 3, 3, 9, 0), (2026, 3, 9, 18, 0), "de demain à 9 h au lundi 9 mars à 18 h"),
    ],
)
def test_a_span_joins_its_two_ends(start, end, words):
    start, end = dt.datetime(*start, tzinfo=PARIS), dt.datetime(*end, tzinfo=PARIS)
    assert show("{{ start|span:end }}", start=start, end=end) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((2026, 3, 1, 9), (2027, 1, 5, 17), "dim._1er_mars_à_9_h →_mar._5_jan._2027_à_17_h"),
        ((2026, 3, 1, 9), (2026, 3, 1, 12), "dim._1er_mars de_9_h_à_midi"),
        ((2027, 1, 4, 9), (2027, 1, 5, 17), "lun._4_jan._à_9_h →_mar._5_jan._2027_à_17_h"),
        ((2025, 12, 31, 9), (2026, 1, 1, 9), "mer._31_déc._2025_à_9_h →_jeu._1er_jan._à_9_h"),
    ],
)
def test_a_brief_span_breaks_once_and_says_a_year_once(start, end, words):
    start, end = dt.datetime(*start, tzinfo=PARIS), dt.datetime(*end, tzinfo=PARIS)
    assert brief_span(start, end).replace("\u00a0", "_") == words


def test_a_span_of_days_has_no_hours():
    assert (
        show("{{ a|span:b }}", a=dt.date(2026, 3, 9), b=dt.date(2026, 3, 13)) == "du lundi 9 mars au vendredi 13 mars"
    )
    assert show("{{ a|span:a }}", a=dt.date(2026, 3, 9)) == "lundi 9 mars"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Decimal("90"), "90,00 €"),
        (Decimal("1234567.5"), "1 234 567,50 €"),
        (Decimal("-3"), "−3,00 €"),
        (Decimal("0.005"), "0,01 €"),
        (Decimal("-0.001"), "0,00 €"),
        (0, "0,00 €"),
        (None, ""),
    ],
)
def test_money_has_its_cents(amount, words):
    assert show("{{ amount|euros }}", amount=amount) == words


def test_distances_and_numbers_are_french():
    assert show("{{ 84210|km }}") == "84 210 km"
    assert show("{{ n|number }}", n=Decimal("1.50")) == "1,5"


def test_a_telephone_number_dials():
    assert show("{{ '+33558412210'|phone }}") == '<a class="nowrap" href="tel:+33-5-58-41-22-10">05 58 41 22 10</a>'
    assert "+49 30" in show("{{ '+493012345678'|phone }}")


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (dt.date(2026, 3, 1), "01/03/2026"),
        (dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC), "01/01/2027"),
        (None, ""),
    ],
)
def test_a_short_date_is_that_of_the_wall_clock(on, words):
    assert show("{{ on|short_date }}", on=on) == words


def test_what_is_no_telephone_number_is_shown_as_it_is_and_escaped():
    assert show("{{ tel|phone }}", tel="poste <12>") == "poste &lt;12&gt;"


def test_a_plate_looks_like_one_and_is_escaped():
    assert show("{{ 'AB-123-CD'|plate }}") == '<span class="plate">AB-123-CD</span>'
    assert "<b>" not in show("{{ p|plate }}", p="<b>")
    assert show("{{ p|plate }}", p=None) == ""


def test_a_state_has_icon_word_and_colour():
    html = show('{% state "late" "En retard" %}')
    assert 'class="state now"' in html
    assert "#exclamation-octagon" in html
    assert "En retard" in html


def test_an_icon_alone_is_named_for_a_screen_reader():
    assert 'aria-label="Clés"' in show('{% icon "key" label="Clés" %}')
    assert 'aria-hidden="true"' in show('{% icon "key" %}')


def test_a_notice_keeps_its_links_and_escapes_what_people_typed():
    html = show('{% notice "soon" %}<a href="/x">lien</a> {{ typed }}{% endnotice %}', typed="<script>")
    assert '<a href="/x">lien</a> &lt;script&gt;' in html


class Keys(forms.Form):
    plate = forms.CharField(label="Immatriculation", help_text="Comme sur la plaque.")
    means = forms.ChoiceField(label="Moyen", widget=forms.RadioSelect, choices=[("cash", "Espèces")])
    agreed = forms.BooleanField(label="Lu et approuvé")


def test_a_field_ties_label_help_and_error_to_its_widget():
    html = show("{% field form.plate %}", form=Keys({}))
    assert '<label for="id_plate">' in html
    assert 'aria-describedby="id_plate_helptext id_plate_error"' in html
    assert 'id="id_plate_helptext"' in html
    assert 'id="id_plate_error"' in html
    assert 'aria-invalid="true"' in html


def test_a_box_and_its_words_are_one_target():
    assert re.search(
        r'<label class="check" for="id_agreed"><input type="checkbox"', show("{% field form.agreed %}", form=Keys())
    )


def test_the_summary_of_errors_links_to_the_fields():
    form = Keys({})
    form.add_error(None, "Ce véhicule est pris du 3 au 9 mars.")
    html = show("{% form_errors form %}", form=form)
    assert "Ce véhicule est pris" in html
    assert "3 choses sont à corriger" in html
    assert {"#id_plate", "#id_means", "#id_agreed"} <= set(re.findall(r'href="(#\w+)"', html))
    whole = show("{{ form }}", form=form)
    for target in ("id_plate", "id_means", "id_agreed"):
        assert f'id="{target}"' in whole


def test_a_form_that_stands_has_no_summary():
    assert show("{% form_errors form %}", form=Keys()).strip() == ""


def test_each_submit_button_has_a_key_of_its_own():
    first, second = (show('{% submit "Remettre les clés" %}') for _ in range(2))
    assert 'name="submission"' in first
    assert first != second


def test_a_post_button_carries_its_fields_and_its_question():
    html = show('{% post_button "/x/" "Annuler" confirm="Annuler ce prêt ?" reason="doublon" %}', csrf_token="token")
    assert 'data-confirm="Annuler ce prêt ?"' in html
    assert '<input type="hidden" name="reason" value="doublon">' in html
    assert "csrfmiddlewaretoken" in html


def test_pages_keep_what_the_address_filters():
    request = RequestFactory().get("/prets/?kind=car&page=2")
    html = show("{% paginate page %}", page=Paginator(range(90), 30).page(2), request=request)
    assert "?kind=car&amp;page=1" in html
    assert "?kind=car&amp;page=3" in html
    assert show("{% paginate page %}", page=Paginator(range(3), 30).page(1), request=request) == ""


def test_every_icon_that_a_page_names_is_in_the_sprite():
    sprite = set(re.findall(r'id="([\w-]+)"', Path(finders.find(SPRITE)).read_text()))
    named = {sign for _, sign in STATES.values()} | set(TONES.values()) | {sign for _, _, sign in RAIL}
    for page in Path(settings.BASE_DIR).glob("*/templates/**/*.html"):
        text = page.read_text()
        named |= set(re.findall(r'{% icon "([\w-]+)"', text))
        named |= set(re.findall(r'\bsign="([\w-]+)"', text))
    assert named - sprite == set()

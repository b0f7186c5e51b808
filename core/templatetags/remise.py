"""The words and pieces of Remise's pages; a template builtin, so no page loads it. See docs/front-end.md."""

import uuid
from datetime import date, datetime
from functools import cache
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core import words

register = template.Library()

SPRITE = "core/vendor/bootstrap-icons-1.13.2/icons.svg"

# A tone says how urgent, and brings the icon that goes with it when none is named.
TONES = {
    "neutral": "circle",
    "go": "check-circle",
    "soon": "clock",
    "now": "exclamation-octagon",
    "done": "check-lg",
}

# What several rooms call by one name looks the same in all of them: name -> (tone, icon).
STATES = {
    "free": ("go", "check-circle"),
    "promised": ("neutral", "calendar-event"),
    "out": ("go", "key"),
    "late": ("now", "exclamation-octagon"),
    "due": ("soon", "clock"),
    "unpaid": ("now", "cash-coin"),
    "repair": ("soon", "wrench"),
    "waiting": ("soon", "hourglass-split"),
    "withdrawn": ("done", "slash-circle"),
    "cancelled": ("done", "x-circle"),
    "finished": ("done", "check-lg"),
    "warning": ("soon", "exclamation-triangle"),
    "refused": ("now", "x-circle"),
}


# --- words ------------------------------------------------------------------------------------


def spoken(say: Any) -> Any:
    """A filter of this name; nothing is said of a value that is not there."""

    def filtered(value: Any) -> str:
        return "" if value is None or value == "" else say(value)

    return register.filter(say.__name__, filtered)


for say in (
    words.moment,
    words.day,
    words.calendar_day,
    words.short_date,
    words.brief_day,
    words.hour,
    words.euros,
    words.km,
    words.number,
    words.until,
):
    spoken(say)

register.filter("phone_link", words.phone_link)
register.filter("phone_words", words.phone)


@register.filter
def span(start: date | datetime | None, end: date | datetime | None) -> str:
    """`{{ start|span:end }}`: « du mardi 3 mars à 9 h au vendredi 6 mars à 18 h »."""
    return words.span(start, end) if start and end else ""


@register.filter
def brief_span(start: datetime | None, end: datetime | None) -> str:
    """`{{ start|brief_span:end }}`: « mar. 3 mars à 9 h → ven. 6 mars à 18 h », where many stand in a column."""
    return words.brief_span(start, end) if start and end else ""


@register.filter
def phone(number: str | None) -> str:
    """A link that dials, with the number grouped as people read it."""
    if not number:
        return ""
    link, text = words.phone_link(number), words.phone(number)
    return format_html('<a class="nowrap" href="{}">{}</a>', link, text) if link else text


@register.filter
def plate(number: str | None) -> str:
    """A number plate that looks like one; a vehicle without a plate shows nothing."""
    return format_html('<span class="plate">{}</span>', number) if number else ""


# --- signs ------------------------------------------------------------------------------------


@cache
def address_of(name: str) -> str:
    """In the file of all icons, whose name does not change as long as the process runs."""
    return f"{static(SPRITE)}#{name}"


@register.simple_tag
def icon(name: str, label: str = "", class_: str = "") -> SafeString:
    """`{% icon "key" %}`: decoration beside its word; with a label it stands alone and is read aloud."""
    classes = f"icon {class_}".strip()
    use = format_html('<use href="{}"></use>', address_of(name))
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}">{}</svg>', classes, label, use)
    return format_html('<svg class="{}" aria-hidden="true" focusable="false">{}</svg>', classes, use)


@register.simple_tag
def state(name: str, label: Any, sign: str = "") -> SafeString:
    """`{% state "late" "En retard" %}`: icon, word and colour; the name is a tone or one of STATES."""
    tone, usual = STATES.get(name) or (name, TONES.get(name, TONES["neutral"]))
    return format_html('<span class="state {}">{}{}</span>', tone, icon(sign or usual), label)


@register.simple_block_tag
def empty_state(content: str, title: str, sign: str = "check-circle") -> str:
    """What comes here, and how: `{% empty_state "Rien n’est en retard" "cup-hot" %}…{% endempty_state %}`."""
    body = format_html("<div>{}</div>", rendered(content)) if content.strip() else ""
    return format_html('<div class="empty">{}<strong>{}</strong>{}</div>', icon(sign), title, body)


@register.simple_block_tag
def notice(content: str, tone: str = "neutral", sign: str = "") -> str:
    """A boxed word to the reader: `{% notice "soon" %}Le permis expire bientôt.{% endnotice %}`."""
    signs = {"neutral": "info-circle", "soon": "exclamation-triangle"}
    shown = icon(sign or signs.get(tone) or TONES[tone])
    return format_html('<div class="notice {}">{}<div>{}</div></div>', tone, shown, rendered(content))


def rendered(content: str) -> SafeString:
    """What stood between the tags: the template engine has escaped it already."""
    return mark_safe(content.strip())


# --- forms ------------------------------------------------------------------------------------


@register.simple_tag
def field(
    bound: BoundField, class_: str = "", label: str = "", help_: str | None = None, **attributes: str
) -> SafeString:
    """Label, help, errors and widget, tied together for a screen reader.

    `label`, `help_` and further names (attributes of the widget; an empty one is taken away) serve forms
    that come with other words than ours.
    """
    bound.label = label or bound.label
    bound.help_text = bound.help_text if help_ is None else help_
    for name, value in attributes.items():
        bound.field.widget.attrs[name] = value or False
    kinds = bound.css_classes(f"field {class_}".strip())
    return format_html('<div class="{}">{}</div>', kinds, bound.as_field_group())


@register.inclusion_tag("core/components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What is wrong, in one place at the top, each line a link to its field; nothing when all is well.

    A hidden field cannot be gone to: what is wrong with it stands with what is wrong with the whole.
    """
    wrong = [(bound, error) for bound in form.visible_fields() for error in bound.errors] if form.is_bound else []
    hidden = [error for bound in form.hidden_fields() for error in bound.errors] if form.is_bound else []
    general = [*form.non_field_errors(), *hidden] if form.is_bound else []
    return {"general": general, "wrong": wrong, "count": len(general) + len(wrong)}


@register.inclusion_tag("core/components/submit.html")
def submit(label: str, tone: str = "primary", sign: str = "", confirm: str = "", **named: str) -> dict[str, Any]:
    """The page's verb, and the one-time key by which a second click is known.

    `{% submit "Remettre les clés" %}`; `name`, `value` and `form` go to the button.
    """
    return {
        "label": label,
        "tone": tone,
        "sign": sign,
        "confirm": confirm,
        "attributes": named,
        "submission": uuid.uuid4(),
    }


@register.inclusion_tag("core/components/post_button.html", takes_context=True)
def post_button(
    context: Context,
    url: str,
    label: str,
    tone: str = "",
    sign: str = "",
    confirm: str = "",
    **fields: Any,
) -> dict[str, Any]:
    """A verb that needs no question: `{% post_button url "Annuler le prêt" confirm="…" %}`; fields go with it."""
    return {
        "url": url,
        "label": label,
        "tone": tone,
        "sign": sign,
        "confirm": confirm,
        "fields": fields,
        "submission": uuid.uuid4(),
        "csrf_token": context.get("csrf_token", ""),
    }


@register.simple_tag(takes_context=True)
def paginate(context: Context, page: Page) -> str:
    """Before and after, keeping what the address filters; nothing when there is one page."""
    if not page.has_other_pages():
        return ""
    kept = context["request"].GET.copy()

    def address(number: int) -> str:
        kept["page"] = str(number)
        return "?" + kept.urlencode()

    return render_to_string(
        "core/components/paginate.html",
        {
            "page": page,
            "before": address(page.previous_page_number()) if page.has_previous() else "",
            "after": address(page.next_page_number()) if page.has_next() else "",
        },
    )


@register.simple_tag(takes_context=True)
def sortable(context: Context, name: str, label: str, class_: str = "") -> SafeString:
    """A column's heading that sorts by it, then backwards: `{% sortable "km" "Kilomètres" "num" %}`.

    The address keeps its filters; the view gives the present order as `sort`.
    """
    present = context.get("sort", "")
    kept = context["request"].GET.copy()
    kept.pop("page", None)
    kept["sort"] = f"-{name}" if present == name else name
    order = {name: "ascending", f"-{name}": "descending"}.get(present, "")
    arrow = {"ascending": icon("arrow-up"), "descending": icon("arrow-down")}.get(order, "")
    sorted_ = format_html(' aria-sort="{}"', order) if order else ""
    return format_html(
        '<th scope="col" class="{}"{}><a href="?{}">{}{}</a></th>', class_, sorted_, kept.urlencode(), label, arrow
    )

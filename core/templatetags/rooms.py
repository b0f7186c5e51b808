"""Where the page of one room shows what others know of the same thing; a template builtin. See core/panels.py."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from core.panels import MAIN, panels_of

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: template.Context, thing: Any, place: str = MAIN) -> SafeString:
    """`{% panels vehicle %}`, `{% panels vehicle "side" %}`: what upper rooms registered for this thing."""
    request = context["request"]
    shown = []
    for panel in panels_of(thing, place):
        given = panel.context(request, thing)
        if given is not None:
            shown.append((render_to_string(panel.template, given | {"thing": thing}, request),))
    return format_html_join("\n", "{}", shown)

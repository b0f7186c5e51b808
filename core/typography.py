"""Spaces that French sets before « : ; ? ! – » and inside guillemets never break a line.

Written once, on the way out: nobody must remember them in a template, a label or a refusal. Only what is read is
changed: neither tags and their attributes, nor what a person typed into a text box or what is shown letter by letter.
"""

from core.words import NBSP

AFTER_A_SPACE = (" :", " ;", " ?", " !", " »", " –")
AS_TYPED = ("<textarea", "<code", "<pre", "<script", "<style", "<option")


def unbreakable(html: str) -> str:
    """The same page, with spaces that do not break where French wants none."""
    for pair in AFTER_A_SPACE:
        html = replaced(html, pair, NBSP + pair[1])
    return replaced(html, "« ", f"«{NBSP}")


def replaced(html: str, pair: str, by: str) -> str:
    """`pair` becomes `by` wherever it stands in words that are read."""
    at = html.find(pair)
    if at < 0:
        return html
    parts, done = [], 0
    while at >= 0:
        if is_read(html, at):
            parts += [html[done:at], by]
            done = at + len(pair)
        at = html.find(pair, at + len(pair))
    return "".join([*parts, html[done:]])


def is_read(html: str, at: int) -> bool:
    """Between two tags, the first of which shows its words as prose."""
    tag = html.rfind("<", 0, at)
    return html.rfind(">", 0, at) > tag and not html.startswith(AS_TYPED, tag)

"""Markdown of people and of operators as HTML: made by a parser that knows no HTML, and cleaned all the same."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "pre", "blockquote", "hr"}
HEADINGS = {"h2", "h3", "h4"}
SCHEMES = {"http", "https", "mailto", "tel"}


def _parser(*without: str, breaks: bool) -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "breaks": breaks}).disable(["image", "html_block", *without])


ITEM = _parser("heading", "lheading", breaks=True)
"""Who writes into a box means the ends of their lines."""

PAGE = _parser(breaks=False)
"""Who writes a file lets their editor end the lines."""


@lru_cache(maxsize=1024)
def rendered(text: str) -> Markup:
    """What somebody wrote about an item: paragraphs, lists, links, emphasis. Headings and pictures stay plain text."""
    return _cleaned(ITEM.render(text), TAGS)


@lru_cache(maxsize=64)
def page(text: str) -> Markup:
    """A page of the operator's own: the same, with headings from the second level on."""
    return _cleaned(PAGE.render(text), TAGS | HEADINGS)


def _cleaned(html: str, tags: set[str]) -> Markup:
    clean = nh3.clean(
        html, tags=tags, attributes={"a": {"href"}, "ol": {"start"}}, url_schemes=SCHEMES, link_rel="noopener nofollow"
    )
    return Markup(clean)  # noqa: S704 – nh3 has left nothing in it but the tags above

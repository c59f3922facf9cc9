"""What of a page is no content: navigation, advertising, cookie notices, related links, comments, forms to fill in.

Judged by an element's name and by the words of its class, id and role. These are what people who make pages call
things; an element that is called so and yet holds most of a page's text is kept.
"""

import re
from functools import lru_cache
from typing import Literal

Kind = Literal[
    "navigation", "advertising", "notices", "related", "comments", "people", "controls", "hidden", "machinery"
]

MACHINERY = ("script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "video", "audio")
"""Elements without text for a reader."""
BY_TAG: dict[str, Kind] = {
    **dict.fromkeys(MACHINERY, "machinery"),
    "head": "machinery",
    "nav": "navigation",
    "footer": "navigation",
    "aside": "related",
    "button": "controls",
    "select": "controls",
    "textarea": "controls",
    "datalist": "controls",
    "dialog": "notices",
}

_BY_ROLE: dict[str, Kind] = {
    "navigation": "navigation",
    "banner": "navigation",
    "contentinfo": "navigation",
    "complementary": "related",
    "search": "controls",
    "toolbar": "controls",
    "menu": "navigation",
    "menubar": "navigation",
    "dialog": "notices",
    "alertdialog": "notices",
}

# Of class and id: whole words between spaces, dashes and underscores, or at a change of case. `?` as in patterns.
_WORDS: dict[Kind, str] = {
    "notices": "cookies? consent gdpr ccpa onetrust cookiebot popup modal overlay paywall newsletter subscribe"
    " subscription signup",
    "advertising": "ads? adsense adsbygoogle advert advertisement advertising sponsor sponsored promo promotion dfp"
    " taboola outbrain",
    "navigation": "nav navbar navigation menu megamenu breadcrumbs? pagination pager footer masthead skip-link toc tabs"
    " sitemap",
    "related": "related recommended recommendations sidebar widgets? trending popular more-from see-also similar"
    " linked-questions hot-network",
    "comments": "comments? comment-list disqus respond replies-to",
    "people": "user-?info user-?card post-?profile author-?box author-?bio reputation badges? signature avatar byline"
    " topic-meta-data post-?date timestamp",
    "controls": "share sharing social toolbar buttons? btn vote-?cell vote-?count votes? voting rating post-?controls"
    " post-?menu edit-?section mw-editsection copy-?code print search-?form login post-?tags? tags tag-list linenos"
    " line-?numbers gutter",
}
_NAMED = re.compile(
    "|".join(f"(?:^|[ _-])(?P<{kind}>{words.replace(' ', '|')})(?=$|[ _-])" for kind, words in _WORDS.items()),
    re.IGNORECASE,
)
# Words of a layout that stand beside those above, and say that the element holds the content.
_CONTENT = re.compile(
    r"(?:^|[ _-])(?:content|main|article|post-?body|entry|answers?|question|prose|markdown|solution"
    r"|explanation|options?)(?=$|[ _-])",
    re.IGNORECASE,
)
_CHANGE_OF_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)|font-size\s*:\s*[01](?:\.\d+)?(?:px|pt)?\s*(?:;|!|$)"
    r"|(?:^|;)\s*(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:;|$)|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{4,}",
    re.IGNORECASE,
)
_COLOUR = re.compile(r"(?:^|;)\s*(background(?:-color)?|color)\s*:\s*([^;!]+)", re.IGNORECASE)
_LONGEST = 400

# A short line that only serves the page.
_SERVING = re.compile(
    "|".join(
        (
            r"(?:re)?share(?: (?:this|on|via)\b.*)?|repl(?:y|ies)|quote|report(?: (?:post|abuse))?|edit|flag|follow",
            r"\d+ likes?|likes?|log ?in|sign ?(?:in|up)|register|subscribe|print(?: this page)?",
            r"advertisements?|ads? by .*",
            r"loading\W*|back to top|top|next(?: page)?|previous(?: page)?|(?:read|show|load) more\W*|view all\W*",
            r"submit(?: .{0,40})?|copy(?: code)?|(?:code: )?select all|click here.{0,40}|add a comment|ask question",
            r"leave a (?:comment|reply)|post (?:a |your )?(?:comment|reply|answer)|active oldest (?:score|votes)",
            r"sorted by:?.*|skip to (?:main )?content|home|search\W*|menu|cancel|close|ok|accept(?: all)?(?: cookies)?",
            r"\d+ answers?|\d+ repl(?:y|ies)|tags?:.*|(?:all rights reserved|copyright|\u00a9).{0,200}",
            r"by \S+ (?:\u00bb|on) .{4,30}",
        )
    ),
    re.IGNORECASE,
)
_ABOUT_COOKIES = re.compile(
    r"\bcookies?\b.{0,200}\b(?:accept|agree|consent|partners|advertis|device|policy|settings)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_SERVING = 240


@lru_cache(maxsize=100_000)
def kind_of_names(classes: str, id_: str) -> Kind | None:
    """By class and id. The same few hundred stand on all pages of a site."""
    names = _CHANGE_OF_CASE.sub("-", f"{classes[:_LONGEST]} {id_[:_LONGEST]}")
    found = _NAMED.search(names)
    if found is None or _CONTENT.search(names):
        return None
    return found.lastgroup  # type: ignore[return-value]


def kind_of_role(role: str) -> Kind | None:
    return _BY_ROLE.get(role.strip().lower())


@lru_cache(maxsize=10_000)
def is_hidden_style(style: str) -> bool:
    """Whether nobody sees what is drawn so."""
    if _HIDDEN_STYLE.search(style):
        return True
    colours = {name.lower()[:5]: value.strip().lower() for name, value in _COLOUR.findall(style)}
    return len(colours) == 2 and colours["color"] == colours["backg"]


def serves_the_page(text: str) -> bool:
    """Whether a block's text is none of the page's content: a button's label, a notice, a licence."""
    return len(text) <= _LONGEST_SERVING and (
        _SERVING.fullmatch(text) is not None or _ABOUT_COOKIES.search(text) is not None
    )

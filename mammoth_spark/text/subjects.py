"""The paper's two labels of a sample, each by a rule that can be explained: subject and kind of source.

Subject: what its words and signs speak of, counted once each. Units of physics and formulas of chemistry tell a science
in any language; so do signs of mathematics where no science is named. Kind: a forum where people answer each other,
or a site that teaches.
"""

import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

Subject = Literal["math", "science", "other"]
Kind = Literal["education", "forum"]

# Beginnings of words: `integr` is integral, integrate and Integrale.
_MATH = (
    r"algebra|arithmeti|binom|calculus|coefficien|combinator|committee|cosine|derivativ|determinant|differentia"
    r"|divisor|equation|factoris|factoriz|fonction|fraction|function|geometr|gleichung|in how many ways|inequalit"
    r"|integr|inverse|isomorph|limit(?!ation)|logarithm|matri[xc]|mean\b|median|modul|multipl|per cent|percent"
    r"|permutation|polynomial|prime|probabilit|proof|prove|quadrati|quotient|remainder|root|sequence|series|sine"
    r"|square|sum|tangent|theorem|triangle|variance|vector|wahrscheinlich|équation"
)
_SCIENCE = (
    r"acceler|acid|allel|amplitude|anode|atom|bacteri|battery|biolog|boil|brak|carrier|catalys|cathode|cell|chemi"
    r"|chlor|chromosom|circuit|compound|concentration|conductor|covalent|current|decay|decelerat|density|diffus"
    r"|dna|dominant|druck|ecolog|electri|electron|energ|enzym|equilibri|evolution|focal|force|free fall|frequenc"
    r"|friction|gas|gen[eo]|geschwindigkeit|gravit|half-life|heat|heterozyg|hydrogen|inertia|ion|isotope|kinetic"
    r"|kraft|lens|light(?!house)|magnet|magnif|mass of|masse|membran|metal|micrograph|microscop|mitochond|molar"
    r"|molecul|momentum|neutron|newton|nucle|orbit|organism|oxid|oxygen|particle|photon|photosynth|physi|plasma"
    r"|pressure|protein|proton|quantum|radia|reaction|recessiv|resistan|resistor|rna|semiconduct|solution of"
    r"|solvent|species|speed|spring|temperatur|thermo|titrat|torque|velocit|virus|viscos|vitesse|volt|wavelength"
)
_OTHER = (
    r"act|american|capital|century|citizen|claim|clause|code of|company|contract|cost|court|crowns?\b|currenc"
    r"|customer|debt|demand|dollars?\b|dynast|econom|emperor|empire|employ|euros?\b|export|fine|firm|government"
    r"|histor|import|income|inflation|interest|investment|jahrhundert|king|law|legal|liabil|loan|market|minister"
    r"|monarch|money|notice|parliament|party|penal|philosoph|plaintiff|poet|polic|politic|pounds? sterling"
    r"|president|price|profit|queen|religio|revenue|revolution|salary|section|siècle|statut|supply|tariff|tax"
    r"|trade|treaty|verse|wage|war|worker"
)
_UNITS = re.compile(
    r"\d\s*(?:\\[,;]\s*)?(?:\\mathrm\s*\{)?(kg|mol|kPa|hPa|Pa|kJ|MJ|Hz|kHz|MHz|GHz|keV|eV|MeV|mA|mV|kV|kW|kWh|ohms?|\u03a9|\u2126|\u00b5F|nm|\u00b5m|\u00b0C|K|N|J|V|W|T"
    r"|m(?:\}\s*)?/(?:\\mathrm\s*\{)?s(?:\^?2|\u00b2)?|km/h|g/mol|mol/l|N/m|J/kg|kg/m\^?3|kg/m\u00b3|rad/s)(?![A-Za-z])"
)
_CHEMICAL = re.compile(
    r"\\mathrm\s*\{[A-Z][a-z]?\}|\\ce\{|(?<![A-Za-z\d])(?=[A-Za-z]{1,4}_?\{?\d)(?:[A-Z][a-z]?(?:_?\{?\d{1,2}\}?)?){2,6}(?![a-z\d])"
)
# A program is about computing, whatever it computes.
_CODE = re.compile(r"^```|`[^`\n]*[=(\[][^`\n]*`", re.MULTILINE)
_SIGNS = re.compile(
    r"\\(?:int|sum|lim|prod|frac|sqrt|sin|cos|tan|ln|log|binom|partial|infty|equiv|pmod|det|begin\{[bp]matrix\})\b|\^\{?\d|(?<=[a-z])\s*=\s*[-\d]|\$[^$]*[a-z][^$]*\$"
)
# So much is read of a text; the rest says the same.
_LONGEST = 4_000
_WORDS = {
    subject: re.compile(rf"(?<![^\W\d_])(?:{stems})[^\W\d_]*", re.IGNORECASE)
    for subject, stems in (("math", _MATH), ("science", _SCIENCE), ("other", _OTHER))
}
_FORUM_PATH = re.compile(
    r"/(?:questions?|threads?|topics?|forums?|answers?|discussions?|community|t|viewtopic[^/]*|showthread[^/]*)(?:/|$)"
)
_FORUM_HOST = re.compile(r"(?:^|[.-])(?:forums?|community|ask|answers|stackexchange|stackoverflow|discuss)(?:[.-]|$)")
# As cleaning marks what people have answered.
_ANSWERED = re.compile(r"^\*\*(?:Accepted|Top|Best) answer\b", re.MULTILINE)


def subject_of(text: str) -> tuple[Subject, str]:
    """The subject, and by what it was told."""
    text = text[:_LONGEST]
    found = {subject: {one.lower() for one in words.findall(text)} for subject, words in _WORDS.items()}
    found["science"] |= set(_UNITS.findall(text)) | ({"a formula of chemistry"} if _CHEMICAL.search(text) else set())
    signs = set(_SIGNS.findall(text))
    counts = {subject: len(words) for subject, words in found.items()}
    if _CODE.search(text):
        return "other", "a program"
    if counts["science"] > 1 and counts["science"] >= counts["other"]:
        return "science", _told(found["science"])
    if counts["other"] > max(counts["science"], counts["math"]):
        return "other", _told(found["other"])
    if counts["math"] or signs:
        return "math", _told(found["math"] | signs)
    if counts["science"]:
        return "science", _told(found["science"])
    return "other", _told(found["other"])


def kind_of(url: str, document: str) -> tuple[Kind, str]:
    """The kind of the source, and by what it was told."""
    for sign in _signs_of_a_forum(url, document):
        return "forum", sign
    return "education", "no sign of a forum"


def _signs_of_a_forum(url: str, document: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    for found in (_FORUM_HOST.search(parts.hostname or ""), _FORUM_PATH.search(parts.path)):
        if found is not None:
            yield f"{found.group().strip('/')} in its address"
    answered = _ANSWERED.search(document)
    if answered is not None:
        yield answered.group().strip("*")


def _told(words: set[str]) -> str:
    return ", ".join(sorted(words)[:5]) or "no word of a subject"

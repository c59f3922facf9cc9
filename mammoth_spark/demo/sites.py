"""The sites of the small web: invented, never fetched, each with a root URL.

A site's root is its registered domain, or the whole host where people share a domain (github.io and so on).
"""

from dataclasses import dataclass
from typing import Literal

SiteKind = Literal[
    "forum", "quiz", "textbook", "code_help", "faq", "news", "shop", "blog", "link_farm", "login_wall",
    "spam", "other_language",
]  # fmt: skip
Engine = Literal["exchange", "board", "discourse", "bank", "cards", "chapter", "wiki", "plain"]


@dataclass(frozen=True, slots=True)
class Site:
    """One site: where it lives, what it holds and how its pages are made.

    `shelves` are the shelves of exercises it draws from; `forms` the ways in which it writes formulas, one a
    page; `label` what a person knew beforehand, if anything.
    """

    root: str
    kind: SiteKind
    name: str
    engine: Engine = "plain"
    shelves: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    language: str = "en"
    charset: str = "utf-8"
    hosts: tuple[str, ...] = ()
    label: Literal["positive", "negative"] | None = None

    @property
    def instructional(self) -> bool:
        """Whether its pages are made from exercises."""
        return bool(self.shelves)


SITES: tuple[Site, ...] = (
    Site("algebracorner.org", "forum", "Algebra Corner", "exchange", ("mathematics",),
         ("math_container", "tex_dollars"), hosts=("www.algebracorner.org", "forum.algebracorner.org"),
         label="positive"),
    Site("thenumberforum.net", "forum", "The Number Forum", "board", ("mathematics",),
         ("image_mathtex", "image_tex_cgi", "mathjax2_script"), charset="iso-8859-1",
         hosts=("www.thenumberforum.net",)),
    Site("askphysicslab.com", "forum", "Ask Physics Lab", "exchange", ("physics",),
         ("mathjax2_rendered", "mjx_chtml_3"), label="positive"),
    Site("chemhelpdesk.org", "forum", "Chemistry Help Desk", "discourse", ("chemistry",),
         ("katex_annotation", "katex_data_latex")),
    Site("biology-answers.net", "forum", "Biology Answers", "board", ("biology",),
         ("katex_data_math", "tex_parentheses"), label="positive"),
    Site("law-questions.co.uk", "forum", "Law Questions", "exchange", ("law",), ("tex_parentheses",),
         hosts=("www.law-questions.co.uk",)),
    Site("moneyandmarkets-qa.com", "forum", "Money and Markets Q&A", "discourse", ("economics",),
         ("hub_config",), label="positive"),
    Site("historyexchange.net", "forum", "History Exchange", "board", ("history",), ("mathml",),
         charset="windows-1252"),
    Site("codefixers.dev", "code_help", "Code Fixers", "exchange", ("programming",), ("katex_annotation",),
         label="positive"),
    Site("pythonquestions.org", "code_help", "Python Questions", "discourse", ("programming", "computing"),
         ("tex_dollars",), hosts=("www.pythonquestions.org", "discuss.pythonquestions.org")),
    Site("snippet-doctor.github.io", "code_help", "Snippet Doctor", "board", ("programming", "computing"),
         ("mathml_annotation",)),
    Site("calc-help.github.io", "textbook", "Calc Help", "chapter", ("mathematics",),
         ("katex_auto_render", "mathml_annotation"), label="positive"),
    Site("mathnotes.wordpress.com", "textbook", "Math Notes", "chapter", ("mathematics",),
         ("image_latex_php", "wp_katex")),
    Site("physik-fragen.blogspot.com", "forum", "Physik-Fragen", "board", ("german",),
         ("image_codecogs", "tex_parentheses"), language="de", charset="iso-8859-1", label="positive"),
    Site("exercices-corriges.fr", "textbook", "Exercices corrigés", "chapter", ("french",),
         ("mathjax2_script", "mathml"), language="fr", charset="windows-1252",
         hosts=("www.exercices-corriges.fr",)),
    Site("stonebridge.edu", "textbook", "Stonebridge Open Lectures", "wiki", ("mathematics", "physics"),
         ("latexml", "latexml_align", "mathml_alttext"),
         hosts=("open.stonebridge.edu", "math.stonebridge.edu"),
         label="positive"),
    Site("wiki-exercises.org", "textbook", "Wiki Exercises", "wiki", ("mathematics", "chemistry"),
         ("mediawiki",), hosts=("en.wiki-exercises.org",)),
    Site("quizvault.com", "quiz", "Quiz Vault", "cards", ("biology", "chemistry", "physics"),
         ("asciimath_script",), hosts=("www.quizvault.com",), label="positive"),
    Site("examprep-central.org", "quiz", "Exam Prep Central", "bank", ("mathematics", "physics"),
         ("mjx_assistive", "mjx_svg")),
    Site("mcqbank.in", "quiz", "MCQ Bank", "bank", ("economics", "law", "history"), ("image_codecogs",),
         label="positive"),
    Site("northmoor.ac.uk", "quiz", "Northmoor Past Papers", "cards", ("mathematics",),
         ("mjx_chtml_4", "temml"), hosts=("pastpapers.northmoor.ac.uk",)),
    Site("testyourself.co.uk", "quiz", "Test Yourself", "bank", ("computing", "biology"), ("data_expr",),
         hosts=("www.testyourself.co.uk",)),
    Site("physicsworksheets.net", "textbook", "Physics Worksheets", "chapter", ("physics",),
         ("mathml", "image_codecogs"), label="positive"),
    Site("chem-tutorials.gitlab.io", "textbook", "Chemistry Tutorials", "wiki", ("chemistry",),
         ("mathjax_config", "katex_annotation")),
    Site("econ101exercises.com", "textbook", "Econ 101 Exercises", "chapter", ("economics",),
         ("tex_parentheses", "mathjax2_script")),
    Site("studyfaq.org", "faq", "Study FAQ", "plain", ("law", "economics", "history", "biology"),
         ("tex_parentheses",), label="positive"),
    Site("marrowgatetimes.com", "news", "Marrowgate Times", hosts=("www.marrowgatetimes.com",),
         label="negative"),
    Site("thecoastherald.co.uk", "news", "The Coast Herald", hosts=("www.thecoastherald.co.uk",),
         charset="windows-1252", label="negative"),
    Site("dailyoderfeld.net", "news", "Daily Oderfeld"),
    Site("northpost.org", "news", "North Post", charset="iso-8859-1"),
    Site("eveningledger.com", "news", "Evening Ledger",
         hosts=("www.eveningledger.com", "sport.eveningledger.com")),
    Site("brinmoorgazette.com", "news", "Brinmoor Gazette"),
    Site("worldwire.info", "news", "World Wire"),
    Site("stonebrook.edu", "news", "Stonebrook Campus News", hosts=("news.stonebrook.edu",)),
    Site("lampsandmore.com", "shop", "Lamps and More", hosts=("shop.lampsandmore.com",), label="negative"),
    Site("bookbargains.co.uk", "shop", "Book Bargains", hosts=("www.bookbargains.co.uk",), label="negative"),
    Site("trailgearshop.com", "shop", "Trail Gear"),
    Site("papercraft-store.com", "shop", "Papercraft Store"),
    Site("kitchenfind.net", "shop", "Kitchen Find"),
    Site("studysupplies.shop", "shop", "Study Supplies"),
    Site("chalkdust-diary.wordpress.com", "blog", "Chalk Dust Diary", label="negative"),
    Site("slowtravelnotes.blogspot.com", "blog", "Slow Travel Notes", label="negative"),
    Site("bakingwithanselm.com", "blog", "Baking with Anselm", hosts=("www.bakingwithanselm.com",)),
    Site("balconygarden.blogspot.com", "blog", "Balcony Garden"),
    Site("thetelescopeblog.net", "blog", "The Telescope Blog"),
    Site("my-teaching-life.github.io", "blog", "My Teaching Life"),
    Site("cyclingyara.wordpress.com", "blog", "Cycling Yara"),
    Site("best-links-4u.info", "link_farm", "Best Links", label="negative"),
    Site("topanswersdirectory.biz", "link_farm", "Top Answers Directory"),
    Site("freepdfcatalogue.info", "link_farm", "Free PDF Catalogue"),
    Site("web-catalogue.top", "link_farm", "Web Catalogue"),
    Site("homeworkvault.com", "login_wall", "Homework Vault", hosts=("www.homeworkvault.com",),
         label="negative"),
    Site("solutions-plus.net", "login_wall", "Solutions Plus"),
    Site("coursefiles.io", "login_wall", "Course Files"),
    Site("quickcashwin.xyz", "spam", "Quick Cash Win", label="negative"),
    Site("cheapbuysnow.biz", "spam", "Cheap Buys Now"),
    Site("bonusspins.click", "spam", "Bonus Spins"),
    Site("tagesbote-lindenau.de", "other_language", "Tagesbote", language="de", charset="iso-8859-1",
         label="negative"),
    Site("gazette-du-val.fr", "other_language", "La Gazette du Val", language="fr", charset="windows-1252"),
    Site("diario-costa.es", "other_language", "Diario Costa", language="es", charset="iso-8859-1",
         label="negative"),
    Site("noticias-sierra.es", "other_language", "Noticias de la Sierra", language="es", charset="utf-16"),
    Site("vesti-gorod.ru", "other_language", "Вести города", language="ru"),
    Site("xinwen-ribao.cn", "other_language", "新闻日报", language="zh"),
    Site("akhbar-alyawm.net", "other_language", "أخبار اليوم", language="ar"),
    Site("hinode-shinbun.jp", "other_language", "日の出新聞", language="ja", charset="shift_jis",
         label="negative"),
)  # fmt: skip


def hosts_of(site: Site) -> tuple[str, ...]:
    """The hosts its pages stand on."""
    return site.hosts or (site.root,)

"""A page as a document: its content as Markdown, and what is no content gone and counted."""

import pytest

from mammoth_spark.config import Documents
from mammoth_spark.web.document import Document, document_of

SENTENCE = "The derivative of a sum is the sum of the derivatives of its terms."


def cleaned(body: str, head: str = "", robots_tag: str = "", settings: Documents | None = None) -> Document:
    page = f"<html><head><title>A title</title>{head}</head><body>{body}</body></html>"
    return document_of(page.encode(), settings or Documents(), robots_tag)


def markdown(body: str) -> str:
    document = cleaned(f"<p>{SENTENCE}</p>{body}")
    assert document.reason == ""
    return document.text.removeprefix(f"{SENTENCE}\n\n")


# ---------------------------------------------------------------- the content's form


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>One <em>two</em></h2><p>a</p><h3>Three</h3><p>b</p>", "## One two\n\na\n\n### Three\n\nb"),
        ("<p>a<br>b<br><br>c</p>", "a\nb\nc"),
        ("<p>a\n   b&nbsp; c</p>", "a b c"),
        ("<p>x<sup>2</sup>, a<sub>10</sub>, H<sub>2</sub>O</p>", "x^2, a_{10}, H_2O"),
        ('<p>as shown<sup><a href="#n">[1]</a></sup> here</p>', "as shown here"),
        ("<blockquote><p>a<p>b</blockquote><p>c</p>", "> a\n\n> b\n\nc"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "- a\n- b\n  - c\n- d"),
        ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
        ("<ol type=A><li>a<li>b</ol>", "A. a\nB. b"),
        ("<ol type=i start=3><li>a<li>b</ol>", "iii. a\niv. b"),
        ("<ol start=7><li>a<li value=10>b<li>c</ol>", "7. a\n10. b\n11. c"),
        # A reversed list ends with one, unless it says where it begins.
        ("<ol reversed><li>a<li>b</ol>", "2. a\n1. b"),
        ("<ol reversed start=9><li>a<li>b</ol>", "9. a\n8. b"),
        ("<ol start=x><li value=²>a</ol>", "1. a"),
        ("<dl><dt>a<dd>b</dl>", "a\n\nb"),
        ("<p>press <kbd>a*b</kbd>, <code>`</code></p>", "press `a*b`, `` ` ``"),
        ("<p>he said <q>no</q></p>", "he said \u201cno\u201d"),
        ("<p>a<script>b</script><style>c</style><svg><text>d</text></svg></p>", "a"),
        ("<p>un<b>divid</b>ed <i>word</i>s</p>", "undivided words"),
    ],
)
def test_elements_have_their_markdown(html: str, expected: str) -> None:
    assert markdown(html) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<tr><th>a<th>b<tr><td>1<td>x|y", "| a | b |\n| --- | --- |\n| 1 | x\\|y |"),
        # Rows of fewer cells are filled up.
        ("<tr><td>a<td>b<tr><td>c", "| a | b |\n| --- | --- |\n| c |  |"),
        ("<caption>Values</caption><tr><td>a<td>b", "Values\n\n| a | b |"),
        (r"<tr><td>\(x\)<td><code>y</code>", "| $x$ | `y` |"),
        ("<tr><td>alone", "alone"),
        # What lays out a page is no table.
        ("<tr><td><table><tr><td>a<td>b</table><td><p>c<p>d", "| a | b |\n\nc\n\nd"),
    ],
)
def test_tables_of_data_are_tables(html: str, expected: str) -> None:
    assert markdown(f"<table>{html}</table>") == expected


PROGRAM = "if a < b:\n\n\n    print('$x$', \"**\")   \n\treturn \\(y\\)  # a@b.org \u200b"


@pytest.mark.parametrize(
    ("begin", "end", "language"),
    [
        ("<pre>", "</pre>", ""),
        ("<pre>\n", "</pre>", ""),
        ('<pre><code class="language-python hljs">', "\n</code></pre>", "python"),
        ('<pre class="brush: c++; gutter: false">', "</pre>", "c++"),
        ('<pre class="lang-js prettyprint"><code>', "</code></pre>", "js"),
        ('<div class="highlight-source-ruby"><pre>', "</pre></div>", ""),
    ],
)
def test_code_stays_as_it_is(begin: str, end: str, language: str) -> None:
    written = PROGRAM.replace("\u200b", "").replace("a@b.org ", "")
    assert markdown(begin + written.replace("<", "&lt;") + end) == f"```{language}\n{written}\n```"


def test_code_with_fences_of_its_own_has_a_longer_one() -> None:
    assert markdown("<pre>```\nx\n```</pre>") == "````\n```\nx\n```\n````"


def test_code_in_a_list_or_a_quotation_stands_within_it() -> None:
    assert markdown("<ol><li>a<pre>b\n  c</pre><li>d</ol>") == "1. a\n\n   ```\n   b\n     c\n   ```\n2. d"
    assert markdown("<blockquote><pre>b\nc</pre></blockquote>") == "> ```\n> b\n> c\n> ```"


def test_lines_of_code_by_line_breaks_are_lines() -> None:
    assert markdown("<pre>a<br>  b<br/>c</pre>") == "```\na\n  b\nc\n```"


# ---------------------------------------------------------------- what is no content


CONTENT = f"<main><h1>Sums</h1>{f'<p>{SENTENCE}</p>' * 3}</main>"


@pytest.mark.parametrize(
    ("html", "kind"),
    [
        ("<nav>Home Forum</nav>", "navigation"),
        ("<footer>About us and others</footer>", "navigation"),
        ("<header><p>Our logo</p><nav>x</nav></header>", "navigation"),
        ('<div role="banner">Our logo here</div>', "navigation"),
        ('<ol class="breadcrumbs"><li>All of it</ol>', "navigation"),
        ('<div class="cookie-banner">We like your data</div>', "notices"),
        ('<div id="google-ads">Buy this now</div>', "advertising"),
        ('<aside class="x">Buy this now</aside>', "related"),
        ('<div class="relatedPosts">Other sums</div>', "related"),
        ('<div id="disqus_thread">I like it</div>', "comments"),
        ('<div class="user-card">Anna, 1,234 points</div>', "people"),
        ('<div class="share-buttons">To your friends</div>', "controls"),
        ("<form><button>Send it</button></form>", "controls"),
        ("<select><option>One of many</select>", "controls"),
        ('<p style="display: none">secret text</p>', "hidden"),
        ("<p hidden>secret text</p>", "hidden"),
        ('<p aria-hidden="true">secret text</p>', "hidden"),
        ('<p style="font-size:0">secret text</p>', "hidden"),
        ('<p style="position:absolute; left:-9999px">secret text</p>', "hidden"),
        ('<p style="color: #fff; background: #FFF">secret text</p>', "hidden"),
        ("<p>Reply</p>", "phrases"),
        ("<p>This site uses cookies; accept all of them.</p>", "phrases"),
    ],
)
def test_what_serves_the_page_goes_and_is_counted(html: str, kind: str) -> None:
    document = cleaned(CONTENT + html)
    assert document.text == "# Sums\n\n" + "\n\n".join([SENTENCE] * 3)
    assert document.removed[kind] >= 1


@pytest.mark.parametrize("attributes", ['class="sidebar"', 'id="comments"', 'class="popup"', 'role="complementary"'])
def test_what_holds_most_of_the_text_stays_whatever_it_is_called(attributes: str) -> None:
    document = cleaned(f"<div {attributes}>{f'<p>{SENTENCE}</p>' * 3}</div><p>More.</p>")
    assert document.text.count(SENTENCE) == 3


@pytest.mark.parametrize("name", ["post-body-comments", "answer-votes content", "main-sidebar", "article-tags"])
def test_a_name_that_also_says_content_stays(name: str) -> None:
    assert "A short part" in cleaned(f'{CONTENT}<div class="{name}">A short part</div>').text


@pytest.mark.parametrize("attributes", ['style="color:#000;background:#fff"', 'class="loaded"', 'class="headsup"', ""])
def test_names_that_only_hold_such_words_are_none(attributes: str) -> None:
    assert "A short part" in cleaned(f"{CONTENT}<div {attributes}>A short part</div>").text


def test_a_list_of_links_goes_with_its_heading() -> None:
    links = "".join(f'<li><a href="/{n}">Other sum {n}</a>' for n in range(5))
    document = cleaned(f"{CONTENT}<h2>See more</h2><ul>{links}</ul><h2>Last</h2><p>The end.</p>")
    assert document.text.endswith(f"{SENTENCE}\n\n## Last\n\nThe end.")
    assert document.removed["lists_of_links"] == 5


def test_links_in_the_text_stay() -> None:
    assert markdown('<p>See <a href="/a">the rule</a> and <a href="/b">its proof</a>.</p>').startswith("See the rule")


def test_characters_that_nobody_sees_are_counted() -> None:
    document = cleaned(f"<p>{SENTENCE} in\u200bvis\u00adible \u202etext\U000e0041 \ue000f0\ue001 &#xe000;c0</p>")
    assert document.text == f"{SENTENCE} invisible text f0 c0"
    assert {name: document.removed[name] for name in ("zero_width", "bidi_characters", "tag_characters")} == {
        "zero_width": 1, "bidi_characters": 1, "tag_characters": 1,
    }  # fmt: skip


# ---------------------------------------------------------------- answers


def answers(*of: tuple[str, int, str]) -> str:
    posts = (
        f'<div class="answer {name}"><span class="vote-count">{n}</span><p>{text}</p></div>' for name, n, text in of
    )
    return markdown("".join(posts))


def test_the_accepted_answer_is_marked_and_the_order_kept() -> None:
    assert answers(("", 30, "First."), ("accepted-answer", 12, "Second.")) == (
        "**Answer (30 votes)**\n\nFirst.\n\n**Accepted answer (12 votes)**\n\nSecond."
    )


def test_where_none_is_accepted_the_top_voted_is_marked() -> None:
    assert answers(("", 3, "First."), ("", 12, "Second.")) == (
        "**Answer (3 votes)**\n\nFirst.\n\n**Top answer (12 votes)**\n\nSecond."
    )


def test_nothing_is_top_that_nobody_voted_for() -> None:
    assert "Top" not in answers(("", 0, "First."), ("", -2, "Second."))


def test_a_mark_within_a_post_says_that_it_is_accepted() -> None:
    html = '<div class="post"><p>Why?</p></div><div class="post"><i class="solution-mark">ok</i><p>So.</p></div>'
    assert markdown(html).startswith("Why?\n\n**Accepted answer**")


# ---------------------------------------------------------------- permission


@pytest.mark.parametrize(
    ("head", "robots_tag", "reason"),
    [
        ('<meta name="robots" content="noindex, nofollow">', "", "noindex"),
        ('<META NAME="Robots" CONTENT="NONE">', "", "noindex"),
        ('<meta name="robots" content="noai, noimageai">', "", "noai"),
        ('<meta name="gptbot" content="noindex">', "", "noindex"),
        ('<meta name="googlebot" content="noindex">', "", ""),
        ('<meta name="robots" content="index, follow, max-snippet:-1">', "", ""),
        ("<meta name=ccbot content=noai>", "", "noai"),
        ('<meta name="tdm-reservation" content="1">', "", "noai"),
        ('<meta name="tdm-reservation" content="0">', "", ""),
        ("", "noindex", "noindex"),
        ("", "NoAI", "noai"),
        ("", "otherbot: noindex, nofollow", ""),
        ("", "otherbot: nofollow, ccbot: noindex", "noindex"),
        ("", "unavailable_after: 25 Jun 2030 15:00:00 PST, noindex", "noindex"),
        ("", "noimageai, nofollow", ""),
    ],
)
def test_a_page_whose_owner_refuses_is_left_out(head: str, robots_tag: str, reason: str) -> None:
    document = cleaned(CONTENT, head, robots_tag)
    assert document.reason == reason
    assert bool(document.text) == (not reason)


def test_a_person_may_say_which_marks_are_obeyed() -> None:
    head = '<meta name="robots" content="noai, noindex">'
    assert cleaned(CONTENT, head, "noindex", Documents(obey=[])).text
    assert cleaned(CONTENT, head, "", Documents(obey=["noindex"])).reason == "noindex"


# ---------------------------------------------------------------- privacy


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("ask anna.b+c@uni.edu.", "ask [e-mail]."),
        ("ask anna (at) uni (dot) edu now", "ask [e-mail] now"),
        ("call +49 30 1234567", "call [telephone]"),
        ("call (555) 234-5678", "call [telephone]"),
        ("call 555-234-5678", "call [telephone]"),
        ("Phone: 030 123 4567", "Phone: [telephone]"),
        # Of a textbook's own, and numbers of exercises.
        ("ask me@example.com", "ask me@example.com"),
        ("1234567890 = 12 34 56 78", "1234567890 = 12 34 56 78"),
        ("3.14159 26535 89793", "3.14159 26535 89793"),
        ("2 + 3 + 555 1234", "2 + 3 + 555 1234"),
        ("f(123) 456", "f(123) 456"),
        ("pages 123-456, 1990-2005", "pages 123-456, 1990-2005"),
        ("the charge of +1.602176634", "the charge of +1.602176634"),
        ("a profit of +250000 dollars", "a profit of +250000 dollars"),
        ("the interval (1000) 200-300", "the interval (1000) 200-300"),
        ("y = 5 +3 1000 200 300", "y = 5 +3 1000 200 300"),
        ("the sum 5+1234567890", "the sum 5+1234567890"),
        ("look at home. it works", "look at home. it works"),
    ],
)
def test_contacts_are_masked_and_exercises_are_not(written: str, shown: str) -> None:
    assert markdown(f"<p>{written}</p>") == shown


def test_contacts_in_formulas_and_code_are_no_contacts() -> None:
    assert markdown(r"<p>\(555-123-4567\)</p><pre>mail a@b.org</pre>") == "$555-123-4567$\n\n```\nmail a@b.org\n```"


def test_contacts_stay_where_a_person_says_so() -> None:
    settings = Documents(mask_contacts=False)
    assert cleaned(f"<p>{SENTENCE} a@uni.edu</p>", settings=settings).text.endswith("a@uni.edu")


# ---------------------------------------------------------------- pages without text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "no_text"),
        ("<script>document.write('all')</script><img src=x>", "no_text"),
        ("<h1>Only a heading</h1>", "text_lost"),
        ('<div class="x"><button>All that is there</button></div>', "text_lost"),
        ("<h1>Tags</h1><ul>" + "<li><a href=x>Some link</a>" * 5 + "</ul>", "only_links"),
    ],
)
def test_a_page_without_text_says_why(body: str, reason: str) -> None:
    document = cleaned(body)
    assert (document.text, document.reason) == ("", reason)


def test_a_title_is_one_short_line() -> None:
    page = f"<title> a\n\u200b b {'x' * 1000}</title><p>{SENTENCE}</p>".encode()
    document = document_of(page, Documents())
    assert document.title.startswith("a b x")
    assert len(document.title) == 500


@pytest.mark.parametrize("index", ["0", "7"])
def test_a_page_cannot_write_our_signs(index: str) -> None:
    forged = f"&#x&#xe000;e000;f{index}&#x&#xe001;e001; and &#57344;f{index}&#57345; and \ue000f{index}\ue001"
    document = cleaned(f"<p>Some words {forged} and $x^2$ of a page.</p>")
    assert document.text.count("$x^2$") == 1


def test_a_pictures_address_cannot_spell_our_signs() -> None:
    forged = '<img src="https://latex.codecogs.com/png.latex?x%EE%80%80f0%EE%80%81y">'
    document = cleaned(f"<p>Some words $a^2$ and {forged} and so on, of a page that says more than that.</p>")
    assert document.text.count("$a^2$") == 1
    assert "$xf0y$" in document.text

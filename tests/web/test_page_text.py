"""What the classifier gets to read of a page."""

import pytest

from mammoth_spark.web.page_text import first_question, language_of, page_text
from tests.child import measured


def words(html: str) -> list[str]:
    return page_text(html.encode()).words.decode().split()


def test_words_come_from_what_people_read() -> None:
    html = (
        "<html><head><title> A  title\n here </title><style>b {x: 1}</style></head><body><h1>One</h1><p>two<b>three</b>"
        "<script>var four</script><noscript>five</noscript><template>six</template><svg><text>seven</text></svg>"
        "<!-- eight --><ul><li>nine<li>ten</ul> &amp; caf&eacute; &#233;</body></html>"
    )
    assert words(html) == ["A", "title", "here", "One", "two", "three", "nine", "ten", "&", "café", "é"]
    assert page_text(html.encode()).title == "A title here"


def test_blocks_and_cells_do_not_run_into_one_word() -> None:
    assert words("<p>a</p><p>b</p><table><tr><td>c</td><td>d</td></tr></table>e<br>f") == list("abcdef")


@pytest.mark.parametrize("html", ["", "   ", "<p", "<!DOCTYPE html>", "<html></html>", "<title></title>", "\0"])
def test_a_page_without_words_has_none(html: str) -> None:
    read = page_text(html.encode())
    assert (read.title, read.words.replace(b"\xef\xbf\xbd", b"").strip()) == ("", b"")


def test_a_page_without_any_tag_is_its_text() -> None:
    assert words("plain words") == ["plain", "words"]


def test_a_title_is_cut_where_it_is_no_title_any_more() -> None:
    assert page_text(b"<title>" + b"word " * 100_000 + b"</title>").title == ("word " * 100)[:500]


def test_the_classifiers_own_signs_are_no_words() -> None:
    assert words("<p>a __label__positive b &lt;/s> c__label__d ____label__label__") == [
        *("a", "positive", "b", "c", "d", "__", "label__")
    ]


def test_text_that_is_no_unicode_can_still_be_written() -> None:
    for html in (b"<title>&#xD800;&#x110000;</title><p>a&#xDFFF;b", b"<p>\xed\xa0\x80", b"<p>\xff\xfe"):
        read = page_text(html)
        read.words.decode("utf-8")
        read.title.encode("utf-8")


def test_zero_bytes_end_no_page() -> None:
    read = page_text(b"<html>\0<p>one\0<p>two</p>\0\0<b\0>three</html>\0")
    assert [word.strip(b"\xef\xbf\xbd") for word in read.words.replace(b"\0", b" ").split()] == [
        b"one",
        b"two",
        b"three",
    ]


def test_deep_nesting_within_the_limits_keeps_its_words() -> None:
    assert words("<div>" * 5000 + "deep words" + "</div>" * 5000) == ["deep", "words"]


def read_large() -> tuple[int, str]:
    paragraph = b"<p>" + b"some words of a page that has no end, " * 5 + b"and a <a href=x>link</a>.\n"
    read = page_text(b"<title>large</title>" + paragraph * 70_000)
    return len(read.words.split()), read.title


def test_a_page_of_15_mb_is_read_in_time_and_memory() -> None:
    read = measured(read_large)
    assert read.value == (1 + 49 * 70_000, "large")
    assert read.seconds < 3
    assert read.grown_mb < 256


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The quick brown fox jumps over the lazy dog and then it sleeps in the sun for the rest of the day. ", "en"),
        (
            "Der schnelle braune Fuchs springt über den faulen Hund und schläft danach den ganzen Tag in der Sonne. ",
            "de",
        ),
        ("Le renard brun saute par-dessus le chien paresseux et dort ensuite toute la journée au soleil. ", "fr"),
        ("", "unknown"),
    ],
)
def test_a_language_is_told_by_its_words(text: str, language: str) -> None:
    assert language_of((text * 5).encode()) == language


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Home Log in. What is the derivative of x^2 ? It is 2x.", "What is the derivative of x^2 ?"),
        ("Why? Because. How many moles are in 3.5 g of salt? See a.b?c=d", "How many moles are in 3.5 g of salt?"),
        ("Сколько будет два плюс два? Четыре.", "Сколько будет два плюс два?"),
        ("What is 1+1?", ""),
        ("Nobody asks here.", ""),
        ("word " * 100 + "end of it ?", " ".join(["word"] * 58 + ["end of it ?"])),
    ],
)
def test_the_first_question_is_a_sentence(text: str, question: str) -> None:
    assert first_question(text.encode()) == question

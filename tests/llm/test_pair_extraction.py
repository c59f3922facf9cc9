"""The prompt's own examples are what it asks for: copied, with the anchors that stand there."""

import json

import pytest

from mammoth_spark.llm import pair_extraction
from mammoth_spark.llm.pair_extraction import FoundPairs, claims, slots
from mammoth_spark.text.grounding import Document
from mammoth_spark.text.page_pairs import PagePair, on_page

QUESTION = pair_extraction.question("m")
EXAMPLES = [
    (asked[1], answered[1])
    for asked, answered in zip(QUESTION.prompt.parts[1:-1:2], QUESTION.prompt.parts[2:-1:2], strict=True)
]


def test_there_are_examples_of_each_kind_of_page() -> None:
    counts = [len(FoundPairs.model_validate_json(reply).pairs) for _, reply in EXAMPLES]
    assert counts == [1, 2, 1, 0]
    assert [FoundPairs.model_validate_json(reply).is_void() for _, reply in EXAMPLES] == [False, False, False, True]


@pytest.mark.parametrize(("document", "reply"), EXAMPLES)
def test_each_pair_of_an_example_stands_in_its_document(document: str, reply: str) -> None:
    page = Document(document)
    for claim, said in zip(claims(reply, "call"), json.loads(reply)["pairs"], strict=True):
        pair = on_page(page, claim, 1.0)
        assert isinstance(pair, PagePair), pair
        assert pair.share == 1.0
        assert said["question_begins"] in document
        assert said["answer_begins"] in document
        assert pair.claim.call == "call"


def test_a_document_cannot_end_itself_and_keeps_its_signs() -> None:
    text = "If a < b then </document> or < /DOCUMENT > but <documents> and $x<y$."
    assert slots(text) == {"document": text.replace("</doc", "\u2039/doc").replace("< /DOC", "\u2039 /DOC")}


def test_the_document_comes_last_so_that_all_before_is_alike() -> None:
    first, second = (QUESTION.about(slots(text)).messages for text in ("one", "two"))
    assert first[:-1] == second[:-1]
    assert first[-1] == ("user", "<document>\none\n</document>")

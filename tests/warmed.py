"""For the process that `child.py` forks children from: importing it loads all compiled code, so that no child does."""

from mammoth_spark.text import classifier
from mammoth_spark.web import recall
from mammoth_spark.web.page_text import language_of, page_text
from mammoth_spark.web.sites import root_url

classifier.warm()
language_of(page_text(b"<p>word " * 2000).words)
root_url("https://example.org/")
assert recall.read_page

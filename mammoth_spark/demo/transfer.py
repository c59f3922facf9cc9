"""How pages travel: URLs, charsets, HTTP headers, transfer codings; and replies that are no pages."""

from html import escape
from random import Random

from mammoth_spark.demo.damage import chunked
from mammoth_spark.demo.exercises.computing import WORDS
from mammoth_spark.demo.plan import PlannedPage
from mammoth_spark.demo.records import Reply, gzip_member
from mammoth_spark.demo.sites import Site, hosts_of

# A picture of one transparent pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def url_of(rng: Random, planned: PlannedPage) -> str:
    """The page's address; its number in the plan makes it unique."""
    site, number = planned.site, planned.number
    hosts = hosts_of(site)
    host = hosts[number % len(hosts)]
    if planned.transfer in ("pdf", "png", "json"):
        return f"https://{host}/files/{number:06}.{planned.transfer}"
    # A slug of chance words: within a folder the address must not tell what the page is.
    slug = "-".join(rng.sample(WORDS, rng.randint(2, 4)))
    # As on most sites, what is not a question stands in folders of its own, or in none.
    of_role = {
        "tag_index": f"tags/{slug}/{number}",
        "profile": f"users/{number}/{slug}",
        "about": f"about-{number}.html",
        "home": f"?from={number}",
    }
    of_kind = {
        "forum": f"questions/{number + 1000}/{slug}",
        "code_help": f"t/{slug}/{number + 500}",
        "quiz": f"{planned.shelf}/quiz-{number}.html",
        "textbook": f"chapters/{planned.shelf}/{number}/",
        "news": f"{2012 + number % 13}/{number % 12 + 1:02}/{slug}-{number}.html",
        "shop": f"product.php?id={number}&ref={slug}",
        "blog": f"{2015 + number % 9}/{number % 12 + 1:02}/{slug}-{number}",
    }
    path = of_role.get(planned.role) or of_kind.get(site.kind, f"p/{number}/{slug}")
    scheme = "http" if number % 9 == 4 else "https"
    return f"{scheme}://{host}/{path}"


def _time(rng: Random) -> str:
    return f"{rng.randrange(24):02}:{rng.randrange(60):02}:{rng.randrange(60):02}"


def warc_date(rng: Random) -> str:
    """A time of the crawl."""
    return f"2026-01-{rng.randint(12, 25):02}T{_time(rng)}Z"


def _http_date(rng: Random) -> str:
    return f"Mon, 12 Jan 2026 {_time(rng)} GMT"


def encoded(html: str, charset: str) -> bytes:
    """The page in its charset; what the charset lacks is written as a character reference."""
    if charset == "utf-16":
        return b"\xff\xfe" + html.encode("utf-16-le")
    return html.encode(charset, "xmlcharrefreplace")


def plain_reply(rng: Random, url: str, html: str) -> Reply:
    """The page in UTF-8 and without any transfer coding: what the damages start from."""
    headers = (("Date", _http_date(rng)), ("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx"))
    return Reply(url, warc_date(rng), "200 OK", headers, html.encode())


def reply_of(rng: Random, site: Site, url: str, html: str) -> Reply:
    """The page as sent: mostly as Common Crawl keeps it, some compressed and some in chunks."""
    body = encoded(html, site.charset)
    # UTF-16 cannot be declared inside the page: a reader must know it to find the declaration.
    in_header = site.charset in ("utf-8", "utf-16") or rng.random() < 0.5
    content_type = f"text/html; charset={site.charset}" if in_header else "text/html"
    server = rng.choice(["nginx", "Apache", "cloudflare"])
    headers = [("Date", _http_date(rng)), ("Content-Type", content_type), ("Server", server)]
    coding = rng.random()
    if coding < 0.06:
        body = gzip_member(body)
        headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(body)))]
    elif coding < 0.10:
        body = chunked(body)
        headers.append(("Transfer-Encoding", "chunked"))
    elif coding < 0.70:
        # Common Crawl unpacks what it stores, and keeps the server's own headers under other names.
        headers += [
            ("X-Crawl-Content-Encoding", "gzip"),
            ("X-Crawl-Content-Length", str(len(body) // 4)),
            ("Content-Length", str(len(body))),
        ]
    else:
        headers.append(("Content-Length", str(len(body))))
    return Reply(url, warc_date(rng), "200 OK", tuple(headers), body)


def other_reply(rng: Random, planned: PlannedPage, url: str) -> Reply:
    """An error, a redirection, or a file that is not HTML."""
    status, content_type, location = "200 OK", "text/html; charset=utf-8", ""
    match planned.transfer:
        case "not_found":
            status = "404 Not Found"
            text = f"<h1>Not found</h1><p>{escape(planned.site.name)} has no page at this address.</p>"
            body = f"<html><head><title>404</title></head><body>{text}</body></html>".encode()
        case "redirect":
            status, location = "301 Moved Permanently", f"https://{hosts_of(planned.site)[0]}/"
            body = b"<html><body>Moved</body></html>"
        case "pdf":
            content_type = "application/pdf"
            body = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(rng.randrange(256) for _ in range(2000)) + b"\n%%EOF\n"
        case "png":
            content_type, body = "image/png", PNG
        case _:
            content_type = "application/json"
            body = b'{"results": [%s]}' % b", ".join(b"%d" % rng.randrange(10**6) for _ in range(300))
    headers = [("Date", _http_date(rng)), ("Content-Type", content_type), ("Content-Length", str(len(body)))]
    if location:
        headers.append(("Location", location))
    return Reply(url, warc_date(rng), status, tuple(headers), body)

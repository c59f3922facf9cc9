"""Serves the small web's exam sites on loopback while a command runs:

    python -m mammoth_spark.demo.server build/demo/web -- COMMAND

All hosts are one server, which tells them by the Host header; the command finds its address in MAMMOTH_WEB. Each site
has a robots.txt, a sitemap and a first page, as sites have.
"""

import argparse
import csv
import sys
from collections import defaultdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from mammoth_spark.config import Crawl, Http
from mammoth_spark.console.endpoint import run_with
from mammoth_spark.web.loopback import HOST, serving
from mammoth_spark.web.manifest import warc_paths
from mammoth_spark.web.sites import root_url
from mammoth_spark.web.warc import Tally, read_responses

VARIABLE = "MAMMOTH_WEB"
_ROBOTS = "User-agent: *\nDisallow: /login\nSitemap: http://{host}/sitemap.xml\n"
_LIMIT = 16 << 20


class Sites:
    """What each host answers, by path."""

    def __init__(self, web: Path) -> None:
        with (web / "exam_sites.csv").open(encoding="utf-8", newline="") as lines:
            starts = [row["start"] for row in csv.DictReader(lines)]
        hosts = {root_url(start): urlsplit(start).netloc for start in starts}
        self._pages: defaultdict[str, dict[str, tuple[str, bytes]]] = defaultdict(dict)
        for name in warc_paths(Crawl(manifests=[str(web / "warc.paths.gz")]), Http()):
            with (web / name).open("rb") as file:
                for response in read_responses(file, _LIMIT, Tally()):
                    parts = urlsplit(response.url)
                    host = hosts.get(root_url(response.url))
                    if host is not None and response.status == 200 and "text/html" in response.headers["content-type"]:
                        path = parts.path + (f"?{parts.query}" if parts.query else "")
                        self._pages[host][path] = (response.headers["content-type"], response.body)
        for host, pages in self._pages.items():
            self._add_entrance(host, pages)

    def _add_entrance(self, host: str, pages: dict[str, tuple[str, bytes]]) -> None:
        paths = sorted(pages)
        places = "".join(f"<url><loc>http://{host}{escape(path)}</loc></url>" for path in paths)
        pages["/sitemap.xml"] = ("application/xml", f"<urlset>{places}</urlset>".encode())
        pages["/robots.txt"] = ("text/plain", _ROBOTS.format(host=host).encode())
        links = "".join(f'<a href="{escape(path)}">{escape(path)}</a> ' for path in [*paths[:20], "/login"])
        pages.setdefault("/", ("text/html", f"<title>{host}</title>{links}".encode()))

    def answer(self, host: str, path: str) -> tuple[str, bytes] | None:
        return self._pages.get(host, {}).get(path)


def handler_of(sites: Sites) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            found = sites.answer(self.headers.get("Host", "").partition(":")[0], self.path)
            content_type, body = found or ("text/plain", b"there is no such page")
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def main() -> None:
    about = "Serves the small web's exam sites on loopback while a command runs."
    parser = argparse.ArgumentParser(prog="python -m mammoth_spark.demo.server", description=about)
    parser.add_argument("web", type=Path, help="the small web's folder")
    parser.add_argument("command", nargs="+", metavar="COMMAND")
    arguments = parser.parse_args()
    try:
        with serving(handler_of(Sites(arguments.web))) as port:
            code = run_with(arguments.command, VARIABLE, f"{HOST}:{port}")
    except (ValueError, OSError) as error:
        parser.error(str(error))
    sys.exit(code)


if __name__ == "__main__":
    main()

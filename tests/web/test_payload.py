"""A response's body: chunks, encodings, charsets, and all that servers say wrongly about them."""

import codecs
import encodings
import encodings.aliases
import gzip
import pkgutil
import random
import time
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from mammoth_spark.web.payload import TooLarge, page_bytes, utf8_of
from tests.child import measured

LIMIT = 16 << 20
PAGE = b"<!DOCTYPE html><html><body>" + b"<p>Some words of a page." * 300 + b"</body></html>"
RUSSIAN = "Привет, это страница на русском языке, и в ней довольно много слов. " * 20


def raw_deflate(content: bytes) -> bytes:
    """Without zlib's frame, as many servers send it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflate.compress(content) + deflate.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
}


# ---------------------------------------------------------------- content encodings


@pytest.mark.parametrize("kind", ENCODERS)
def test_an_encoded_body_is_decoded(kind: str) -> None:
    name, encode = ENCODERS[kind]
    assert page_bytes(encode(PAGE), {"content-encoding": name}, LIMIT) == PAGE
    assert page_bytes(encode(PAGE), {"content-encoding": name.upper()}, LIMIT) == PAGE


@pytest.mark.parametrize("named", ["gzip", "deflate", "br", "zstd", "gzip, br", "utf-8", "none", "\x00"])
@pytest.mark.parametrize(
    "plain", [PAGE, b"\xef\xbb\xbf" + PAGE, b"\r\n " + PAGE, b"<", b"Hello, plain", b'{"a": 1}', "é".encode(), b""]
)
def test_a_plain_body_stays_whatever_its_encoding_is_said_to_be(plain: bytes, named: str) -> None:
    assert page_bytes(plain, {"content-encoding": named}, LIMIT) == plain


@pytest.mark.parametrize("named", ["", "identity", "br", "deflate", "zstd"])
@pytest.mark.parametrize("encode", [gzip.compress, zstandard.compress])
def test_gzip_and_zstd_are_known_by_their_bytes(encode: Callable[[bytes], bytes], named: str) -> None:
    assert page_bytes(encode(PAGE), {"content-encoding": named}, LIMIT) == PAGE


@pytest.mark.parametrize("kind", ["gzip", "deflate", "raw deflate", "br"])
def test_of_an_encoded_body_that_was_cut_the_beginning_is_read(kind: str) -> None:
    name, encode = ENCODERS[kind]
    words = random.Random(1).choices([f"word{number}" for number in range(10_000)], k=20_000)
    content = b"<html><body>" + " ".join(words).encode()
    encoded = encode(content)
    beginning = page_bytes(encoded[: len(encoded) - 20], {"content-encoding": name}, LIMIT)
    assert len(beginning) > 1000
    assert content.startswith(beginning)


@pytest.mark.parametrize("kind", ENCODERS)
def test_a_broken_body_is_no_exception(kind: str) -> None:
    name, encode = ENCODERS[kind]
    encoded = encode(PAGE)
    for place in range(len(encoded)):
        broken = encoded[:place] + bytes([encoded[place] ^ 0x55]) + encoded[place + 1 :]
        page_bytes(broken, {"content-encoding": name}, LIMIT)


def test_three_layers_are_undone_and_a_fourth_stays() -> None:
    inner = gzip.compress(PAGE)
    assert page_bytes(gzip.compress(gzip.compress(inner)), {}, LIMIT) == PAGE
    assert page_bytes(gzip.compress(gzip.compress(gzip.compress(inner))), {}, LIMIT) == inner


def test_a_body_of_the_limit_is_kept_and_a_larger_one_is_refused() -> None:
    for encode, name in [(bytes, ""), *((encode, name) for name, encode in ENCODERS.values())]:
        assert len(page_bytes(encode(b" " * 1000), {"content-encoding": name}, 1000)) == 1000
        with pytest.raises(TooLarge):
            page_bytes(encode(b" " * 1001), {"content-encoding": name}, 1000)


def bombs() -> dict[str, tuple[str, bytes]]:
    """Bodies of kilobytes that inflate to 600 MB and more."""
    zeros, blocks = bytes(1 << 20), 600
    gzipped, deflated = zlib.compressobj(6, zlib.DEFLATED, 31), zlib.compressobj(6, zlib.DEFLATED, -15)
    inflatable = b"".join([*(gzipped.compress(zeros) for _ in range(blocks)), gzipped.flush()])
    raw = b"".join([*(deflated.compress(zeros) for _ in range(blocks)), deflated.flush()])
    brotlied = brotli.Compressor(quality=1)
    squeezed = b"".join([*(brotlied.process(zeros) for _ in range(blocks)), brotlied.finish()])
    zstd = zstandard.ZstdCompressor(level=1).compressobj()
    packed = b"".join([*(zstd.compress(zeros) for _ in range(blocks)), zstd.flush()])
    return {
        "gzip": ("gzip", inflatable),
        "gzip in gzip": ("gzip", gzip.compress(inflatable)),
        "gzip in gzip in gzip": ("gzip", gzip.compress(gzip.compress(inflatable))),
        "deflate": ("deflate", raw),
        "br": ("br", squeezed),
        "gzip in br": ("br", brotli.compress(inflatable)),
        "zstd": ("zstd", packed),
    }


def inflate(name: str, body: bytes) -> str:
    try:
        return f"{len(page_bytes(body, {'content-encoding': name}, LIMIT))} bytes"
    except TooLarge:
        return "too large"


def test_a_body_that_inflates_to_600_mb_is_too_large_and_takes_little_memory() -> None:
    for kind, (name, body) in bombs().items():
        inflated = measured(inflate, name, body)
        assert inflated.value == "too large", kind
        assert inflated.grown_mb < 128, kind
        assert inflated.seconds < 2, kind


def test_a_zstd_frame_that_asks_for_gigabytes_gets_none() -> None:
    # A frame header with a window of 2 GB (exponent 21 above 1 KB), and a block that is one repeated byte.
    frame = b"\x28\xb5\x2f\xfd\x00" + bytes([21 << 3]) + (2 | 1 | 100 << 3).to_bytes(3, "little") + b"x"
    taken = measured(inflate, "zstd", frame)
    assert taken.value == f"{len(frame)} bytes"
    assert taken.grown_mb < 64


# ---------------------------------------------------------------- chunks


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
        (b"5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n", b"helloabc"),
        (b"5;name=value\r\nhello\r\nA \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", b"hello0123456789"),
        # Cut behind a chunk, and within one.
        (b"5\r\nhello\r\n", b"hello"),
        (b"5\r\nhello\r\n6\r\nwor", b"hellowor"),
        # Not chunks, or not wholly.
        (b"5\r\nhello\r\nxx", b"5\r\nhello\r\nxx"),
        (b"5\r\nhelloXX", b"5\r\nhelloXX"),
        (b"123\r\nplain text of numbers", b"123\r\nplain text of numbers"),
        (b"FFFFFFFF\r\nabc", b"FFFFFFFF\r\nabc"),
        (b"add\r\n", b"add\r\n"),
    ],
)
def test_chunk_sizes_that_were_left_in_are_taken_out(body: bytes, page: bytes) -> None:
    assert page_bytes(body, {}, LIMIT) == page


def test_chunks_are_undone_before_the_encoding() -> None:
    packed = gzip.compress(PAGE)
    chunked = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (20, packed[:20], len(packed) - 20, packed[20:])
    assert page_bytes(chunked, {"content-encoding": "gzip"}, LIMIT) == PAGE


def test_two_million_chunks_of_a_byte_are_undone_in_time_and_memory() -> None:
    undone = measured(inflate, "", b"1\r\nx\r\n" * 2_000_000 + b"0\r\n\r\n")
    assert undone.value == "2000000 bytes"
    assert undone.seconds < 5
    assert undone.grown_mb < 64


# ---------------------------------------------------------------- charsets


def test_valid_utf_8_is_utf_8_whatever_the_label_says() -> None:
    page = "<p>naïve café, Привет, 数学".encode()
    for label in ("iso-8859-1", "windows-1251", "shift_jis", "utf-16", "iso-2022-jp", "utf-7", "nonsense", ""):
        assert utf8_of(page, f"text/html; charset={label}") == (page, "utf-8")


def test_a_byte_order_mark_is_believed_and_taken_off() -> None:
    text = "<p>naïve Привет"
    assert utf8_of(b"\xef\xbb\xbf" + text.encode(), "text/html; charset=latin1") == (text.encode(), "utf-8")
    assert utf8_of(b"\xff\xfe" + text.encode("utf-16-le"), "") == (text.encode(), "utf-16-le")
    assert utf8_of(b"\xfe\xff" + text.encode("utf-16-be"), "") == (text.encode(), "utf-16-be")


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("windows-1251", "cp1251", "<p>Привет мир"),
        ("KOI8-R", "koi8-r", "<p>Привет мир"),
        ("iso-8859-1", "cp1252", "<p>café “quoted” €"),
        ("us-ascii", "cp1252", "<p>café"),
        ("iso-8859-2", "iso8859-2", "<p>žluťoučký kůň"),
        ("Shift_JIS", "cp932", "<p>日本語 ①"),
        ("euc-jp", "euc_jp", "<p>日本語"),
        ("iso-2022-jp", "iso2022_jp", "<p>日本語"),
        ("gb2312", "gb18030", "<p>中文 鎔"),
        ("big5", "big5hkscs", "<p>中文"),
        ("euc-kr", "cp949", "<p>한국어 똠"),
        ("tis-620", "cp874", "<p>ภาษาไทย"),
        ("utf-16le", "utf-16-le", "<p>Привет"),
    ],
)
def test_a_label_that_browsers_know_decides_as_it_does_there(label: str, codec: str, text: str) -> None:
    page = text.encode(codec)
    assert utf8_of(page, f"text/html; charset={label}") == (text.encode(), codec)
    if not codec.startswith("utf-16"):
        meta = f'<meta charset="{label}">'
        assert utf8_of(meta.encode() + page, "text/html") == ((meta + text).encode(), codec)


def test_an_unlabelled_page_is_judged_by_the_bytes_that_are_not_ascii() -> None:
    head = "<html><head>" + '<meta name="description" content="plain words">' * 200
    for codec in ("cp1251", "koi8-r"):
        assert utf8_of((head + RUSSIAN).encode(codec), "text/html") == ((head + RUSSIAN).encode(), codec)


def all_labels() -> list[str]:
    """All names of Python's codecs, those of browsers, and nonsense."""
    python = {*encodings.aliases.aliases, *encodings.aliases.aliases.values()}
    python |= {module.name for module in pkgutil.iter_modules(encodings.__path__)}
    browsers = (
        "unicode-1-1-utf-8 utf-8 x-unicode20utf8 866 csibm866 csisolatin2 iso-8859-2 l2 iso88592 csisolatincyrillic"
        " arabic asmo-708 ecma-114 greek sun_eu_greek csiso88598e hebrew logical visual iso-8859-8-i l6 iso-8859-13"
        " iso-8859-14 l9 iso-8859-16 cskoi8r koi koi8-r koi8-u koi8-ru macintosh x-mac-roman dos-874 windows-874"
        " x-cp1250 ansi_x3.4-1968 latin1 windows-1252 x-cp1253 windows-1258 x-mac-cyrillic x-mac-ukrainian chinese"
        " gb2312 gb_2312-80 x-gbk gb18030 big5 big5-hkscs cn-big5 x-x-big5 cseucpkdfmtjapanese x-euc-jp csiso2022jp"
        " ms932 ms_kanji windows-31j x-sjis korean ks_c_5601-1987 windows-949 csiso2022kr hz-gb-2312 iso-2022-cn"
        " iso-2022-cn-ext iso-2022-kr replacement utf-16be utf-16 utf-16le ucs-2 unicodefeff iso-10646-ucs-2"
        " x-user-defined"
    )
    nonsense = [
        "",
        "none",
        "null",
        "x" * 40,
        "utf-9",
        "utf 8",
        "\x00",
        "../../etc",
        "utf-8;",
        "'",
        '"',
        "%s",
        "ütf-8",
        "-" * 30,
    ]
    return sorted(python) + browsers.split() + nonsense


def test_no_label_of_500_raises_or_hides_plain_words() -> None:
    labels = all_labels()
    assert len(labels) > 500
    page = (
        b"<html><body><p>plain words stay readable +ADw-script+AD4- \\u003cb\\u003e <a href=x>here</a> \xe9\xff\x80 end"
    )
    for label in labels:
        for content_type, html in [
            (f"text/html; charset={label}", page),
            ("text/html", b'<meta charset="' + label.encode() + b'">' + page),
        ]:
            utf8, charset = utf8_of(html, content_type)
            text = utf8.decode("utf-8")
            assert "<p>plain words stay readable" in text, label
            assert "<a href=x>here</a>" in text, label
            # The codecs that would make tags of these, or run something, are not among those that browsers know.
            assert "+ADw-script+AD4-" in text, label
            assert "\\u003cb\\u003e" in text, label
            assert codecs.lookup(charset).name in BROWSERS_CODECS, label


BROWSERS_CODECS = {
    *("utf-8", "utf-16-le", "utf-16-be", "cp866", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "gb18030", "cp874"),
    *("big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
}


def test_every_byte_in_every_charset_gives_valid_utf_8() -> None:
    everything = bytes(range(256)) * 4
    for label in all_labels():
        utf8, _ = utf8_of(everything, f"text/html; charset={label}")
        utf8.decode("utf-8")


def test_a_page_that_states_its_charset_a_million_times_is_read_in_time() -> None:
    page = b"<meta charset" * 1_000_000 + b"\xff"
    began = time.process_time()
    utf8_of(page, "text/html; charset" * 100_000)
    assert time.process_time() - began < 3

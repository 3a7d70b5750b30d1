"""Pages are compressed for whoever takes that; downloads go as they are."""

import gzip

from django.http import HttpResponse, StreamingHttpResponse

from config.middleware import CompressPages

TEXT = "the same words again and again\n" * 100


def test_pages_travel_compressed_to_whoever_takes_it(client, db):
    plain = client.get("/accounts/login/")
    packed = client.get("/accounts/login/", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers and packed.headers["Content-Encoding"] == "gzip"
    assert b"<title>Sign in" in plain.content and b"<title>Sign in" in gzip.decompress(packed.content)
    assert len(packed.content) < len(plain.content) / 2


def compressed(rf, response):
    request = rf.get("/", headers={"Accept-Encoding": "gzip"})
    return CompressPages(lambda _request: response)(request)


def test_the_length_of_a_page_tells_nothing(rf):
    assert len({len(compressed(rf, HttpResponse(TEXT)).content) for _ in range(50)}) > 1


def test_a_download_goes_as_it_is(rf):
    sent = compressed(rf, StreamingHttpResponse([TEXT], headers={"Content-Length": len(TEXT)}))
    assert "Content-Encoding" not in sent.headers and sent.headers["Content-Length"] == str(len(TEXT))
    assert sent.getvalue().decode() == TEXT

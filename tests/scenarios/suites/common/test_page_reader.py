import gzip

from pytest_httpserver import HTTPServer

from uplab.scenarios.suites.common.page_reader import Links, read_pages


def test_pages_are_read_link_after_link(httpserver: HTTPServer) -> None:
    other = "http://other.example/"
    first = f'<a href="/two#part">2</a><script src="a.js"></script><a href="{other}">x</a><form action="/made"></form>'
    httpserver.expect_request("/first/").respond_with_data(first, content_type="text/html")
    httpserver.expect_request("/two").respond_with_data("", 303, {"Location": "/three", "ETag": '"tag"'})
    httpserver.expect_request("/three").respond_with_data('<a href="/first/">1</a>', content_type="text/html")
    httpserver.expect_request("/first/a.js").respond_with_data("let a", content_type="text/javascript")

    said = dict(read_pages(httpserver.url_for("/first/"), timeout_s=10))

    assert list(said) == ["the page /first/", "the page /two", "the page /first/a.js", "the page /three"]
    assert b'ETag: "tag"' in said["the page /two"]
    assert said["the page /first/a.js"].endswith(b"let a")


def test_what_a_link_loads_is_unpacked(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/").respond_with_data(gzip.compress(b"the export"), content_type="application/gzip")
    ((_, said),) = read_pages(httpserver.url_for("/"), timeout_s=10)
    assert said.endswith(b"\n\nthe export")


def test_page_that_gives_no_answer_is_left_out() -> None:
    assert list(read_pages("http://127.0.0.1:1/", timeout_s=10)) == []


def test_links_are_those_of_html() -> None:
    page = '<base href="/b/"><link rel="x" href="s.css"><a href="">none</a><img src=i.png><a name="href">'
    assert Links(page).found == ["s.css", "i.png"]

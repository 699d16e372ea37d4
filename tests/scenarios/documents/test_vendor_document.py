"""Markdown is read into facts with their lines; what cannot be read is said with its place."""

import pytest

from tests.scenarios.connector_page import PAGE
from uplab.scenarios.documents import vendor_document
from uplab.scenarios.documents.vendor_document import Problem, VendorDocument, VendorDocumentError, read_vendor_document


def read(text: str) -> VendorDocument:
    return read_vendor_document(text.encode())


def facts(text: str, kind: str) -> list[tuple[int | None, str, str]]:
    return [(fact.line, fact.name, fact.value) for fact in read(text).facts if fact.kind == kind]


def problems(text: str) -> list[Problem]:
    return list(read(text).problems)


def test_title_and_headings_have_their_lines() -> None:
    assert read(PAGE).title == "The Nimbus connection"
    assert read(PAGE).sections == {
        "The Nimbus connection": 5,
        "Over the API": 7,
        "On the page": 31,
        "What it cannot do": 37,
    }


def test_members_of_an_example_have_their_lines() -> None:
    assert facts(PAGE, "example") == [
        (14, "POST /connections connectorId", '"nimbus-cloud-iot"'),
        (16, "POST /connections configuration.destinationURL", '"https://nimbus.example/in"'),
        (17, "POST /connections configuration.retries.0", "1"),
        (17, "POST /connections configuration.retries.1", "5"),
    ]


def test_parameters_have_the_values_of_their_description() -> None:
    assert facts(PAGE, "parameter") == [(24, "connectorId", "nimbus-cloud-iot"), (25, "pauseS", "20")]


@pytest.mark.parametrize(
    ("described", "values"),
    [
        ("Must be **https://a.example/in**.", "https://a.example/in"),
        ("begins with http:// or https://", "http://, https://"),
        ("such as host.example:8883.", "host.example:8883"),
        ("always `ON`", "ON"),
        ("[here](https://b.example/)", "https://b.example/"),
        ("key-values of version 1.2, 3rd edition", "1.2"),
        (r"one \| two 3", "3"),
    ],
)
def test_values_of_a_description(described: str, values: str) -> None:
    assert facts(f"| a | b |\n|---|---|\n| x | {described} |\n", "parameter") == [(3, "x", values)]


def test_addresses_and_pictures_are_facts() -> None:
    assert facts(PAGE, "address") == [(28, "https://nimbus.example/manual", "")]
    assert facts(PAGE, "picture") == [(35, "pictures/add.png", "")]


def test_addresses_of_text_and_html_are_found_once_in_a_section() -> None:
    text = 'See <a href="https://a.example/">us</a>, https://a.example/ or\nhttp://b.example. [Up](#top) http://\n'

    assert [fact[:2] for fact in facts(text, "address")] == [(1, "https://a.example/"), (2, "http://b.example")]


def test_sentences_are_known_by_a_digest_that_ignores_layout_and_addresses() -> None:
    one = facts("Go to **https://a.example/1**\nnow.\n", "sentence")
    two = facts("\n\nGo  to https://a.example/2 now.\n", "sentence")
    other = facts("Go to https://a.example/1 later.\n", "sentence")

    assert one[0][1] == two[0][1] != other[0][1]
    assert (one[0][0], two[0][0]) == (1, 3)


def test_box_is_no_sentence_but_what_stands_in_it_is() -> None:
    shown = [(fact.line, fact.shown) for fact in read(PAGE).facts if fact.kind == "sentence"]

    assert shown == [
        (9, "Nimbus takes one link for each account."),
        (28, "Read the manual first."),
        (33, "Press Add."),
        (39, "All is well."),
    ]


def test_example_needs_no_request_and_a_listing_of_another_kind_is_a_sentence() -> None:
    assert facts('```json\nproxy: {\n "host": "h"}\n```\n', "example") == [(3, "proxy host", '"h"')]
    assert facts("```\n[1]\n```\n", "example") == []
    assert facts('```\n{"a": 1}\n```\n', "example") == [(2, "a", "1")]
    assert [fact.shown for fact in read("```sh\ncurl -X POST\n```\n").facts] == ["curl -X POST"]


def test_marks_of_windows_do_not_count() -> None:
    assert facts("\ufeff" + PAGE.replace("\n", "\r\n"), "example") == facts(PAGE, "example")


@pytest.mark.parametrize(
    ("raw", "line", "why"),
    [
        (b"", None, "an empty file"),
        (b" \n\t\n", None, "an empty file"),
        (b"# a\n\x00\x01", 2, "a binary file, no text"),
        (b"# a\n\n\xe9t\xe9", 3, r"no text in UTF-8 \(byte 0xe9\); save it as UTF-8"),
        ("# a".encode("utf-16"), 1, "text in UTF-16; save it as UTF-8"),
        (b"x" * (vendor_document.MOST_BYTES + 1), None, "larger than 250,000 bytes: no connector document is"),
        (b"# a\n\n```json\n{}\n", 3, "the block of code that begins here is never closed"),
        (b"# a\n\n```", 3, "the block of code that begins here is never closed"),
        (b"~~~\n{}\n```\n", 1, "the block of code that begins here is never closed"),
        (b"# a\n```json\n{}\n\n```json\n{}\n```\n", 2, "is not closed before the next one, in line 5"),
    ],
)
def test_what_is_no_document_is_refused_with_its_place(raw: bytes, line: int | None, why: str) -> None:
    with pytest.raises(VendorDocumentError, match=why) as refused:
        read_vendor_document(raw)

    assert refused.value.line == line


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ('{\n "a": 1,\n}', Problem(5, "the example POST /x is no JSON: ", "POST /x")),
        ('{"a": 1, "a": 2}', Problem(1, "the example POST /x is no JSON: a stands twice in it", "POST /x")),
        ('{"a": NaN}', Problem(1, "the example POST /x is no JSON: NaN is no number of JSON", "POST /x")),
        ("[" * 9999, Problem(1, "the example POST /x is nested too deeply", "POST /x")),
        ('{"a": 1} trailing', Problem(3, "the example POST /x is no JSON: Extra data", "POST /x")),
    ],
)
def test_example_that_is_no_json_is_told_and_the_rest_is_read(body: str, problem: Problem) -> None:
    found = problems(f"```json\nPOST /x\n{body}\n```\n# b\n")

    assert [(one.line, one.example) for one in found] == [(problem.line, problem.example)]
    assert found[0].why.startswith(problem.why)
    assert facts(f"```json\nPOST /x\n{body}\n```\n# b\n", "heading") != []


def test_ragged_rows_are_told_and_read_as_far_as_they_go() -> None:
    text = "| a | b |\n|---|---|\n| x |\n| y | 1 | 2 |\n| z | 3 |\n"

    assert problems(text) == [
        Problem(3, "the row has 1 cells, its table 2 columns"),
        Problem(4, "the row has 3 cells, its table 2 columns"),
    ]
    assert facts(text, "parameter") == [(3, "x", ""), (4, "y", "1"), (5, "z", "3")]


def test_table_whose_head_does_not_fit_is_told() -> None:
    assert problems("| a | b | c |\n|---|---|\n| x | 1 |\n") == [
        Problem(2, "the table cannot be read: 2 columns below a head of 3")
    ]


def test_table_in_a_quotation_is_not_ragged() -> None:
    assert problems("> | a | b |\n> |---|---|\n> | x | 1 |\n") == []

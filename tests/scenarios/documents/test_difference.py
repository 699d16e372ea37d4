"""What a newer edition of a page of our own adds, changes and no longer has."""

import pytest

from tests.scenarios.connector_page import PAGE, known_page
from uplab.scenarios.documents.connector_document import Fact, known_documents
from uplab.scenarios.documents.difference import Difference, differences, recognise
from uplab.scenarios.documents.vendor_document import VendorDocumentError, read_vendor_document


def told(text: str) -> list[tuple[str, str, int | None, str | None, str | None]]:
    found = differences(known_page(), read_vendor_document(text.encode()))
    return [(one.outcome, _kind(one), one.line, _shown(one.was), _shown(one.now)) for one in found]


def _shown(fact: Fact | None) -> str | None:
    return None if fact is None else fact.shown


def _kind(one: Difference) -> str:
    fact = one.was or one.now
    assert fact
    return f"{fact.kind} {fact.name}" if fact.kind != "sentence" else fact.kind


def test_same_page_has_no_differences() -> None:
    assert told(PAGE) == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (
            "nimbus.example/in",
            "nimbus.example/v2",
            (
                "changed",
                "example POST /connections configuration.destinationURL",
                16,
                '"https://nimbus.example/in"',
                '"https://nimbus.example/v2"',
            ),
        ),
        ("[1, 5]", "[1]", ("gone", "example POST /connections configuration.retries.1", 7, "5", None)),
        (
            "[1, 5]",
            '[1, 5],\n"proxy": null',
            ("new", "example POST /connections configuration.proxy", 18, None, "null"),
        ),
        (
            "else 20",
            "else 60",
            (
                "changed",
                "parameter pauseS",
                25,
                "Seconds between attempts, else 20",
                "Seconds between attempts, else 60",
            ),
        ),
        (
            "Always nimbus",
            "Ever nimbus",
            ("changed", "parameter connectorId", 24, "Always nimbus-cloud-iot", "Ever nimbus-cloud-iot"),
        ),
        (
            "| `pauseS` | Seconds between attempts, else 20 |\n",
            "",
            ("gone", "parameter pauseS", 7, "Seconds between attempts, else 20", None),
        ),
        ("else 20 |\n", "else 20 |\n| `tag` | Free |\n", ("new", "parameter tag", 26, None, "Free")),
        ("example/manual", "example/book", ("changed", "address https://nimbus.example/manual", 28, "", "")),
        ("pictures/add", "pictures/plus", ("changed", "picture pictures/add.png", 35, "", "")),
        ("All is well.", "It loses much.", ("changed", "sentence", 39, "All is well.", "It loses much.")),
        ("All is well.", "", ("gone", "sentence", 37, "All is well.", None)),
        ("Press **Add**.", "Press **Add**.\n\nWait.", ("new", "sentence", 35, None, "Wait.")),
    ],
)
def test_one_change_is_one_difference(
    old: str, new: str, difference: tuple[str, str, int | None, str | None, str | None]
) -> None:
    assert PAGE.count(old) == 1
    assert told(PAGE.replace(old, new)) == [difference]


def test_heading_of_another_name_is_gone_and_new_and_what_stands_below_it_only_moved() -> None:
    assert told(PAGE.replace("What it cannot do", "Limits")) == [
        ("gone", "heading What it cannot do", None, "", None),
        ("new", "heading Limits", 37, None, ""),
    ]


def test_order_does_not_count() -> None:
    api = PAGE[PAGE.index("## Over") : PAGE.index("## On")]
    moved = PAGE.replace(api, "") + "\n" + api

    assert told(moved) == []


def test_parameter_that_stands_in_two_tables_is_compared_with_its_own() -> None:
    twice = PAGE + "\n| Field | What |\n|---|---|\n| pauseS | Above 5 |\n"
    read = read_vendor_document(twice.replace("Above 5", "Above 7").encode())

    (one,) = differences(known_page(twice), read)

    assert (one.was and one.was.value, one.now and one.now.value, one.line) == ("5", "7", 43)


def test_nothing_is_said_of_an_example_that_cannot_be_read() -> None:
    assert told(PAGE.replace("[1, 5]", "[1, 5],")) == []


@pytest.mark.parametrize(
    "title", ["CREATING A WIDGELIX CONNECTION", "The Widgelix connector", "Widgelix", "Connecting to widgelix"]
)
def test_document_is_recognised_by_its_title(title: str) -> None:
    read = read_vendor_document(f"# {title}\n".encode())

    assert recognise(read, known_documents().values()).document == "widgelix.md"


@pytest.mark.parametrize(
    ("brand", "document"), [("", "http.md"), (', "brand": "WIDGELIX"', "widgelix.md"), (', "brand": "OTHER"', None)]
)
def test_document_without_a_telling_title_is_recognised_by_its_example(brand: str, document: str | None) -> None:
    body = f'{{"connectorId": "actility-http-iot"{brand}}}'
    read = read_vendor_document(f"# How to begin\n\n```json\nPOST /connections\n{body}\n```\n".encode())

    if document is not None:
        assert recognise(read, known_documents().values()).document == document
    else:
        with pytest.raises(VendorDocumentError, match="no connector document that uplab knows"):
            recognise(read, known_documents().values())


def test_title_of_another_connector_counts_more_than_its_example() -> None:
    body = '{"connectorId": "actility-http-iot"}'
    read = read_vendor_document(f"# Creating a Nimbus connection\n\n```json\nPOST /connections\n{body}\n```\n".encode())

    with pytest.raises(VendorDocumentError, match="it is about 'nimbus'; uplab has the facts of HTTP, ThingsBoard, W"):
        recognise(read, known_documents().values())


def test_example_of_a_document_is_never_a_list() -> None:
    read = read_vendor_document(b"```json\nPOST /connections\n[1]\n```\n")

    with pytest.raises(VendorDocumentError, match="neither its title nor its example"):
        recognise(read, known_documents().values())

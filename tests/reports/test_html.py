import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.reports.page import Page, part
from tests.reports.sample import make_run
from uplab.reports.figures.coverage import Arrived, Met
from uplab.reports.findings import find
from uplab.reports.html import write_html
from uplab.reports.matrix import matrix
from uplab.reports.run import Deviation, Run, Unreached, read_run


def _source(run: Run, tmp_path: Path, **options: Any) -> str:
    write_html(find(run), tmp_path / "report.html", **options)
    return (tmp_path / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def source(run: Run, tmp_path_factory: pytest.TempPathFactory) -> str:
    return _source(run, tmp_path_factory.mktemp("page"))


def test_head_tells_the_verdict_and_how_to_repeat_it(source: str) -> None:
    head = part(source, "<header", "</header>")

    for fact in (
        "Failed",
        "4 of 30 scenarios failed.",
        "4 ✕ failed",
        "22 ✓ passed",
        "Forwarder reference",
        "Seed 7",
        "41.7 s",
    ):
        assert fact in head
    assert "uplab run --seed 7" in head


def test_promise_stands_under_the_title(run: Run, tmp_path: Path) -> None:
    told = replace(run, scenarios=tuple(replace(one, promise=f"Promise of <{one.id}>.") for one in run.scenarios))

    source = _source(told, tmp_path)

    card = part(source, '<article class="card failed" id="f2"', "</article>")
    scenario = told.scenarios[1]
    assert f"{scenario.title} Promise of <{scenario.id}>. {scenario.suite} ·" in card
    assert Page(source).text.count("Promise of <") == len(run.scenarios) + 6  # and once more where it went wrong


def test_page_says_what_was_not_reached(run: Run, tmp_path: Path) -> None:
    later = (Unreached("x/t.py::test_later", "later in the day", "evening", ("WGX-03",)),)

    text = Page(_source(replace(run, unreached=later, exit_code=2), tmp_path)).text

    assert "Not reached 1 scenario: the run ended before their turn" in text
    assert "evening: later in the day WGX-03" in text
    assert "WGX-03 … not reached" in text
    assert "1 scenario not reached" in text
    assert "not reached" not in Page(_source(run, tmp_path)).text


def test_failures_come_before_everything_else(source: str) -> None:
    places = [source.index(f'id="{name}"') for name in ("trouble", "requirements", "scenarios")]

    assert places == sorted(places)


def test_failure_tells_promise_and_what_happened(source: str) -> None:
    card = part(source, '<article class="card failed" id="f2"', "</article>")

    for words in (
        "configured headers arrive with exactly their values",
        "Check: right headers HTTP-05",
        "Promised every configured header arrives once",
        "Happened Authorization of u2 was missing",
        "Diverged at the forwarder (u2)",
        "To try is the header configured on this connection",
        "Repeat just this: uplab run --seed 7 scenarios/http/test_headers.py::test_configured_headers",
    ):
        assert words in card


def test_failure_shows_the_way_and_where_it_diverged(source: str) -> None:
    card = part(source, '<article class="card failed" id="f6"', "</article>")
    hops = [
        "+0.0 device device sent frame",
        "+0.3 gateway 2 gateways heard it",
        "+201.4 tunnel tunnel posted it",
        "posthere received POST",
        "posthere answered 200",
        "Diverged here, at the forwarder. none twice: 1 arrived again",
        "posthere received POST",
    ]

    found = -1
    for hop in hops:
        found = card.index(hop, found + 1)


def test_unknown_is_shown_as_unknown_with_its_reason(source: str) -> None:
    card = part(source, '<article class="card unknown" id="f7"', "</article>")

    assert "unknown certificate of an unknown authority is refused" in card
    assert "the planned fault 'unknown authority' was never delivered" in card
    assert "passed" not in card


def test_every_requirement_has_a_row_with_its_verdict(source: str, run: Run) -> None:
    for row in matrix(run).rows:
        text = part(source, f'<tr id="r-{row.requirement.id}"', "<tr ")
        assert text.startswith(row.requirement.id)
        assert f" {row.verdict} " in text[:40]


def test_gap_says_that_no_scenario_names_it(source: str) -> None:
    assert "no scenario names it" in part(source, '<tr id="r-WGX-03"', "<tr ")


def test_deviations_are_told_for_each_document(source: str) -> None:
    assert "The forwarder deviates in HTTP-05, HTTP-12, HTTP-15." in part(
        source, '<section class="document" id="d-HTTP"', "<table"
    )
    assert "No deviation was seen in the 7 of 8 that were proven." in part(
        source, '<section class="document" id="d-WGX"', "<table"
    )


def test_requirement_outside_of_the_catalogue_is_shown(source: str) -> None:
    assert "in no catalogue: HTTP-99" in Page(source).text


def test_every_scenario_is_listed_with_checks_and_timelines(source: str, run: Run) -> None:
    texts = [part(source, f'id="s{number}" data-text', "</details>\n") for number in range(1, len(run.scenarios) + 1)]

    for scenario, text in zip(run.scenarios, texts, strict=True):
        assert f" {scenario.outcome} " in text[:24]
        assert scenario.id in text
    assert "none lost ✓ passed 3 3 of 3 accepted uplinks delivered" in texts[0]
    assert "u3 · device 0018B20000000000, FCnt 2" in texts[0]
    assert "the profile declares no feature 'thingsboard_rest'" in texts[16]


def test_hostile_text_is_only_text(source: str) -> None:
    page = Page(source)

    assert len(page.all("script")) == 1
    assert "alert('x')" in page.text
    assert not re.search("[\x00\x1b\u202e]", source)
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_page_needs_no_network(source: str) -> None:
    page = Page(source)

    assert all(link["href"].startswith("#") for link in page.all("a"))
    assert not [
        tag for tag, attributes in page.elements if "src" in attributes or tag in ("link", "img", "iframe", "base")
    ]
    assert "url(" not in source.partition("</style>")[0]
    assert "@import" not in source


def test_policy_allows_only_our_script(source: str) -> None:
    policy = next(meta["content"] for meta in Page(source).all("meta") if meta.get("http-equiv"))
    script = source.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy


def test_links_lead_to_something_and_ids_are_unique(source: str) -> None:
    page = Page(source)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]

    assert len(ids) == len(set(ids))
    assert {link["href"][1:] for link in page.all("a")} <= set(ids)


def test_every_control_and_table_has_a_name(source: str) -> None:
    page = Page(source)
    labels = {label["for"] for label in page.all("label") if "for" in label}

    assert all(box["id"] in labels for box in page.all("input") if box["type"] == "search")
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(header.get("scope") for header in page.all("th"))
    assert page.all("html") == [{"lang": "en"}]


def test_outcome_is_a_word_wherever_it_is_a_colour(source: str) -> None:
    badges = re.findall(r'<b class="badge ([a-z-]+)">(.*?)</b>', source)

    assert len(badges) > 100
    assert all(kind.replace("-", " ") in inside for kind, inside in badges)


def test_long_bodies_are_cut_and_say_so(source: str) -> None:
    card = part(source, 'id="f27"', "</article>")

    assert "10,489 bytes" in card or re.search(r"10,\d{3} bytes", card)
    assert re.search(r"… \([\d,]+ more characters\)", card)


def test_passed_run_has_no_section_of_what_went_wrong(run: Run, tmp_path: Path) -> None:
    page = Page(_source(replace(run, scenarios=run.of("passed"), exit_code=0), tmp_path))

    assert "Passed" in page.text
    assert not [1 for _, attributes in page.elements if attributes.get("id") == "trouble"]


def test_gate_is_shown_in_the_head(run: Run, tmp_path: Path) -> None:
    source = _source(replace(run, gate=("gate: 0 faults <were> delivered",), commit="2b81a38"), tmp_path)

    head = part(source, "<header", "</header>")
    assert "gate: 0 faults <were> delivered" in head
    assert "uplab 0.1.0 (2b81a38)" in head


def test_empty_run_can_be_shown(run: Run, tmp_path: Path) -> None:
    assert "Nothing ran" in Page(_source(replace(run, scenarios=(), requirements=(), exit_code=5), tmp_path)).text


def test_unreadable_history_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path))
    lost, broken = run.scenarios[0], run.scenarios[1]
    (tmp_path / str(lost.history)).unlink()
    (tmp_path / str(broken.history)).write_bytes(b'{"seq": 1, "mono')

    text = Page(_source(run, tmp_path)).text

    assert f"The history cannot be read: {lost.history} cannot be read" in text
    assert f"The history cannot be read: {broken.history}, line 1: no JSON" in text
    assert "a thousand uplinks a second lose none" in text


def test_full_page_says_what_is_left_out(run: Run, tmp_path: Path) -> None:
    source = _source(run, tmp_path, budget=1_000)

    assert "The page is full; the timelines are in history/" in source
    assert re.search(r"\d+ lines of the history left out here", source)


def test_large_run_stays_small(tmp_path: Path) -> None:
    folder = make_run(tmp_path / "big", scenarios=500, lines=100)

    source = _source(read_run(folder), tmp_path)

    assert len(source.encode()) < 10_000_000
    assert source.count('<details class="scenario') == 500
    assert "left out" not in source


def test_run_that_fails_everywhere_stays_small(tmp_path: Path) -> None:
    def fail(run: dict[str, Any]) -> None:
        for scenario in run["scenarios"]:
            scenario.update(outcome="failed", message="<&" * 10_000)
            scenario["verdicts"] = [
                verdict | {"outcome": "failed", "ids": ["u1", "u2", "u3"]} for verdict in scenario["verdicts"]
            ]

    folder = make_run(tmp_path / "bad", scenarios=300, lines=50, change=fail)

    assert len(_source(read_run(folder), tmp_path).encode()) < 20_000_000


def test_what_stands_beside_a_check_is_quoted(source: str) -> None:
    checks = part(source, 'id="checks"', 'id="scenarios"')
    complaint = part(source, 'id="trouble"', 'id="requirements"')

    assert "every configured header arrives once" in checks
    assert "each uplink arrives in time" not in checks, "it judged nothing"
    assert "what was taken does not come again" in checks, "a standing one is always told"
    assert "not broken" in checks
    assert "is it right headers?" in complaint
    assert '"until": 57' in complaint
    assert "a stored run cannot be asked again" in complaint


def test_requirement_names_the_checks_that_rest_on_it(source: str) -> None:
    requirements = source.partition('id="requirements"')[2].partition('id="checks"')[0]

    assert 'href="#c-right-headers"' in requirements
    assert 'href="#c-none-twice-standing"' in requirements


def test_run_that_does_not_describe_its_checks_has_no_section_of_them(run: Run, tmp_path: Path) -> None:
    write_html(find(replace(run, checks=())), tmp_path / "report.html")

    assert 'id="checks"' not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_page_says_what_is_promised_what_was_seen_and_what_is_not_promised(run: Run, tmp_path: Path) -> None:
    told = replace(
        run,
        policy="sent once",
        datasheet=(("attempts that failed", "<3>"),),
        not_promised=("feature pages: for people",),
    )

    text = Page(_source(told, tmp_path)).text

    assert "Delivery, as the profile declares it: sent once." in text
    assert "attempts that failed <3>" in text
    assert "Not promised, and so not judged 1 feature pages: for people" in text


def test_page_of_a_run_that_says_nothing_of_it_has_no_such_section(source: str) -> None:
    assert 'id="promise"' not in source


def test_way_that_went_wrong_is_drawn_and_leads_to_its_rows(source: str) -> None:
    card = source.partition('<article class="card failed" id="f6"')[2].partition("</article>")[0]
    page = Page(card)
    rows = {row["id"] for row in page.all("tr") if row.get("id", "").startswith("w6-")}
    links = {link["href"][1:] for link in page.all("a") if link["href"].startswith("#w6-")}

    assert len(page.all("svg")) == 1
    assert links
    assert links <= rows
    assert "forwarder posthere" in Page(card.partition("<svg")[2].partition("</svg>")[0]).text


def test_good_one_stands_beside_the_bad_one(source: str) -> None:
    card = part(source, '<article class="card failed" id="f6"', "</article>")

    assert re.search(r"u2 beside u[13], which went well", card)
    assert "the first difference" in card


def test_exchange_is_told_as_it_went(source: str) -> None:
    card = part(source, '<article class="card failed" id="f6"', "</article>")

    assert "POST /4b19-48f6-94cc HTTP/1.1" in card
    assert "HTTP/1.1 200 OK" in card


def test_forwarders_log_stands_beside_the_way(tmp_path: Path) -> None:
    run = read_run(make_run(tmp_path))
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "forwarder-main.log").write_text("it said <b>this</b>\nlong after\n")
    (tmp_path / "logs" / "forwarder-main.log.times").write_text("4711.9 0\n9999.0 20\n")

    source = _source(run, tmp_path)

    assert "it said &lt;b&gt;this" in source
    assert "long after" not in source


def test_deviations_are_told_with_reason_owner_and_date(run: Run, tmp_path: Path) -> None:
    spoilt = next(one for one in run.scenarios if one.name.startswith("test_configured_headers"))
    agreed = Deviation("clause", "HTTP-05", "<agreed>", "IOT-412", "team", "2027-01-31", "met", (spoilt.id,))
    over = replace(agreed, id="WGX-03", state="overdue", scenarios=())

    source = _source(replace(run, deviations=(agreed, over)), tmp_path)

    told = part(source, '<section id="deviations"', "</section>")
    assert "clause HTTP-05 met <agreed> IOT-412 team 2027-01-31" in told
    assert "overdue" in told
    assert "2 deviations agreed on, 1 overdue, 1 met" in part(source, "<header", "</header>")
    assert "deviation IOT-412 until 2027-01-31" in part(source, '<ol class="causes"', "</ol>")
    assert 'id="deviations"' not in _source(run, tmp_path)


def test_each_scenario_is_found_by_its_id(source: str, run: Run) -> None:
    ids = {attributes["id"] for _, attributes in Page(source).elements if "id" in attributes}

    assert {scenario.id for scenario in run.scenarios} <= ids


def test_unknown_rows_beside_fewer_unknown_scenarios_are_explained(run: Run, tmp_path: Path) -> None:
    kept = replace(run, scenarios=tuple(one for one in run.scenarios if one.outcome != "unknown"))

    assert (
        "although 0 scenarios are: a scenario that fails at one clause ends there" in Page(_source(kept, tmp_path)).text
    )


def test_page_says_how_far_the_run_has_looked(run: Run, tmp_path: Path) -> None:
    looked = replace(
        run,
        arrived=(Arrived("posthere", "header", ("x-site", "x-trace"), {"x-trace": 12}),),
        conditions=(Met("FPort 0", "uplink", "LoRaWAN 1.0.4", 3, 2), Met("<late>", "uplink", "field", 0, 0)),
    )

    text = part(_source(looked, tmp_path), '<section id="coverage"', '<section id="scenarios"')

    for words in ("1 of 2 conditions met and judged", "FPort 0 2 of 3", "<late> never", "header 2", "x-trace 12"):
        assert words in text
    assert "How far this run has looked" not in Page(_source(run, tmp_path)).text

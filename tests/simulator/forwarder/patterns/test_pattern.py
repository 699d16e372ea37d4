import pytest

from uplab.simulator.forwarder.patterns.pattern import PatternError, UnresolvedError, compile_pattern

CONTENT = {
    "DevEUI": "20635F0108000496",
    "FPort": 5,
    "LrrRSSI": -46.0,
    "Late": False,
    "Nothing": None,
    "Empty": "",
    "CustomerData": {
        "name": None,
        "my key": "blank",
        "Axis-Y": 3,
        "tags": ["Paris:Nord", "lab", "Paris:Sud"],
        "loc": {"lat": "48.9"},
    },
    "Lrrs": {"Lrr": [{"Lrrid": "10000033"}, {"Lrrid": "10000034"}]},
}
DOCUMENT = {"DevEUI_uplink": CONTENT}


def resolved(pattern: str) -> str:
    return compile_pattern(pattern).resolve(CONTENT, DOCUMENT)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("BuildingA", "BuildingA"),
        ("", ""),
        ("{DevEUI}", "20635F0108000496"),
        ("a {FPort} b {DevEUI}", "a 5 b 20635F0108000496"),
        ("{LrrRSSI}", "-46.0"),
        ("{Late}", "false"),
        ("{Empty}", ""),
        ("{CustomerData.loc.lat}", "48.9"),
        ("{CustomerData.Axis-Y}", "3"),
        ("{CustomerData['my key']}", "blank"),
        ("{$.DevEUI}", "20635F0108000496"),
        ("{DevEUI_uplink.DevEUI}", "20635F0108000496"),
        ("{CustomerData.tags[0]}", "Paris:Nord"),
        ("{CustomerData.tags}", "Paris:Nord,lab,Paris:Sud"),
        ("{$..CustomerData.tags[?(@ =~ /Paris:.*/)]}", "Paris:Nord,Paris:Sud"),
        ("{$..CustomerData.tags[?(@ =~ /Paris:[N}|{]ord/)]}", "Paris:Nord"),
        ("{Lrrs.Lrr[*].Lrrid}", "10000033,10000034"),
        ("{CustomerData.name|DevEUI|'None'}", "20635F0108000496"),
        ("{CustomerData.name | Nothing | 'None'}", "None"),
        ("{Missing|'{literal}'}", "{literal}"),
        ("{Missing|''}", ""),
    ],
)
def test_pattern_resolves(pattern: str, text: str) -> None:
    assert resolved(pattern) == text


@pytest.mark.parametrize(
    "pattern",
    ["{Missing}", "{access-token}", "{Nothing}", "{CustomerData.loc}", "{Missing|Nothing}", "{Lrrs.Lrr[9]}"],
)
def test_pattern_that_finds_nothing_is_unresolved(pattern: str) -> None:
    with pytest.raises(UnresolvedError, match="finds nothing"):
        resolved(f"Bearer {pattern}")


@pytest.mark.parametrize(
    "pattern",
    ["{", "}", "a{b", "a}b", "{}", "{ }", "{a|}", "{|a}", "{a[}", "{$[?(}", "{'x}", "{a{b}}", '{"a":1}', "{a}}"],
)
def test_pattern_that_is_wrong_in_itself_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_pattern_without_expressions_is_constant() -> None:
    assert compile_pattern("Bearer ee32e34ed!=").constant
    assert not compile_pattern("{DevEUI}").constant


@pytest.mark.parametrize("path", ["$" + ".a" * 5000, "$[?length(1e400)]", "$[?(@ =~ /(?=a)/)]", "$[?match(@, 'a')]"])
def test_path_that_could_not_be_evaluated_is_refused(path: str) -> None:
    with pytest.raises(PatternError, match="is no JSONPath"):
        compile_pattern(f"{{{path}}}")


def test_expression_is_quoted_in_part_when_it_is_long() -> None:
    with pytest.raises(PatternError) as caught:
        compile_pattern("{" + "a " * 5000 + "}")

    assert len(str(caught.value)) < 200


@pytest.mark.timeout(20)
def test_regular_expression_takes_time_in_proportion_to_the_text() -> None:
    pattern = compile_pattern("{$.tags[?(@ =~ /(a+)+/)]|'none'}")

    assert pattern.resolve({"tags": ["a" * 5000 + "!"]}, {}) == "none"
    assert pattern.resolve({"tags": ["a" * 5000]}, {}) == "a" * 5000


@pytest.mark.parametrize(("expression", "text"), [("/paris:.*/i", "Paris:Nord,Paris:Sud"), ("/Paris/", "none")])
def test_regular_expression_matches_the_whole_text(expression: str, text: str) -> None:
    assert resolved(f"{{CustomerData.tags[?(@ =~ {expression})]|'none'}}") == text


@pytest.mark.timeout(20)
def test_pattern_is_read_in_time_in_proportion_to_its_length() -> None:
    with pytest.raises(PatternError):
        compile_pattern("{a[" + "/" * 3_000_000)


def test_value_is_bounded_in_work_and_length() -> None:
    document = {"a": [[[["x" * 50] * 4] * 4] * 4] * 4, "long": "y" * 8_001}
    for text, words in (
        ("{$" + "[*,*,*,*]" * 8 + "}", "visits more than 20,000 places"),
        ("{$.a}", "gives more than 8,000 characters"),
        ("{long}", "gives more than 8,000 characters"),
    ):
        with pytest.raises(UnresolvedError, match=words):
            compile_pattern(text).resolve(document, document)

import pytest

from simulator.forwarder.pattern import PatternError, UnresolvedError, compile_pattern

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

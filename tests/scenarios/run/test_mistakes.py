"""Mistakes of a scenario's author: each is an error, exit code 6, in one sentence with the remedy."""

from __future__ import annotations

import pytest

from tests.scenarios.suite_runs import Ended, run_suite, write_suite

SUITE = """
    import itertools
    import pytest
    from uplab.scenarios import DestinationArrived, Fault, Nth, Status, broken, check, kept

    @check("nothing")
    class Endless:
        def see(self, hop: DestinationArrived):
            for _ in itertools.count():
                pass

    @check("nothing")
    class Altering:
        def see(self, hop: DestinationArrived):
            hop.headers.clear()

    def test_no_such_fixture(labb):
        pass

    @pytest.mark.requirement("HTTP-99")
    def test_no_such_requirement(lab):
        lab.expect("one is one", True, 1)

    @pytest.mark.requirement("http-12")
    def test_requirement_in_small_letters(lab):
        lab.expect("one is one", True, 1)

    @pytest.mark.needs("htp")
    def test_no_such_feature(lab):
        lab.expect("one is one", True, 1)

    @pytest.mark.breaks("none thrice")
    def test_no_such_invariant(lab):
        lab.expect("one is one", True, 1)

    def test_judges_nothing(device):
        device.send()

    def test_asserts_only(device):
        assert device.send().status == 299

    def test_asserts_without_a_lab():
        assert 1 == 2

    def test_asserts_after_a_verdict(lab):
        lab.expect("one is one", True, 1)
        assert 1 == 2

    def test_check_alters(lab, connection, posthere_bin, device):
        there = connection(posthere_bin, device)
        lab.await_delivery([device.send()], there.route)
        lab.judge_alone(Altering())

    def test_telemetry_is_no_document(lab, connection, thingsboard_account, device):
        there = connection(thingsboard_account.destination("mqtt"), device)
        lab.judge_delivery([device.send()], there)

    def test_reading_is_none(device):
        device.send(temprature_c=21.5)
"""
TOLD = {
    "no such fixture": "the scenario asks for a fixture 'labb', and there is none of that name: did you mean lab?",
    "no such requirement": "the scenario names the requirement HTTP-99, which the catalogue does not know: there are ",
    "requirement in small letters": "the scenario names the requirement http-12, which the catalogue does not know: it",
    "no such feature": "the scenario needs 'htp', which no profile knows: did you mean http?",
    "no such invariant": "the scenario breaks 'none thrice', which is no standing invariant: did you mean none twice?",
    "judges nothing": "the scenario has judged nothing, so it proves nothing: let `lab.judge_delivery`, ",
    "asserts only": "the scenario has judged nothing, and its assert (assert 200 == 299) is no verdict on the",
    "asserts without a lab": "the scenario has judged nothing, and its assert (assert 1 == 2) is no verdict on the",
    "check alters": "altering error",
    "telemetry is no document": "the scenario has judged what came to ThingsBoard as documents, and values come there",
    "reading is none": "ValueError: temprature_c is no reading of elsys_ers; did you mean temperature_c?",
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run of all these mistakes."""
    folder = write_suite(tmp_path_factory.mktemp("mistakes"), mine__test_mistakes=SUITE)
    return run_suite(folder, "--seed", "7", "-p", "no:cacheprovider")


@pytest.mark.parametrize("title", TOLD)
def test_mistake_is_an_error_with_its_remedy(ended: Ended, title: str) -> None:
    scenario = ended.scenario(title)

    assert (scenario["outcome"], scenario["reason"][: len(TOLD[title])]) == ("error", TOLD[title])


def test_what_a_check_has_altered_names_the_line(ended: Ended) -> None:
    [verdict] = [one for one in ended.scenario("check alters")["verdicts"] if one["check"] == "altering"]

    assert verdict["happened"].startswith("the check 'altering' (test_mistakes.py:15) broke at event ")
    assert "it alters what it sees, and hops are frozen" in verdict["happened"]


def test_assert_beside_a_verdict_is_the_scenarios_own_word(ended: Ended) -> None:
    assert ended.scenario("asserts after a verdict")["outcome"] == "failed"


def test_none_of_them_has_a_traceback(ended: Ended) -> None:
    assert "Traceback" not in ended.out + ended.err


def test_mistakes_alone_end_with_an_error(ended: Ended) -> None:
    words = "asserts_without_a_lab or no_such_fixture"  # no lab is started for these
    again = run_suite(ended.folder.parents[1], "-k", words, "-p", "no:cacheprovider")

    assert again.code == 6
    assert "2 errors" in again.out or "2 error" in again.out

from uplab.simulator.forwarder.destinations.failures import Failures, Manner


def test_connector_that_says_nothing_of_failures_blames_nobody() -> None:
    assert Failures() == (Manner.LENIENT, 0.0)

from uplab.simulator.forwarder.platform import Generation, Platform


def test_platform_is_the_observed_one_unless_told_otherwise() -> None:
    platform = Platform()

    assert platform.widgelix_url == "https://app.widgelix.com/v1/input-node/actility"
    assert (platform.generation, platform.mask_headers) == (Generation.BLAME, False)


def test_generations_are_called_as_the_option_says_them() -> None:
    assert list(Generation) == ["blame", "strict-resend", "strict-close"]

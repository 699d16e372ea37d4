import pytest

from uplab.scenarios.under_test.access.advice import advice_for


@pytest.mark.parametrize(
    ("happened", "advice"),
    [
        ("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer", "authority FILE"),
        ("certificate verify failed: Hostname mismatch, certificate is not valid for 'x'", "by the name"),
        ("certificate verify failed: IP address mismatch", "by the name"),
        ("[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required", "--forwarder-key FILE"),
        ("the proxy answered 407 Proxy Authentication Required", "--forwarder-proxy"),
    ],
)
def test_words_of_tls_and_of_proxies_have_an_advice(happened: str, advice: str) -> None:
    assert advice in (advice_for(happened) or "")


def test_other_words_have_none() -> None:
    assert advice_for("connection refused") is None

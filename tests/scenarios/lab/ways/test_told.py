import json
from pathlib import Path

from uplab.scenarios.lab.ways.told import told_elsewhere, told_of_names
from uplab.scenarios.under_test.profile import Features, Profile
from uplab.scenarios.under_test.ways.choice import Ways

RESOLVE = {"posthere.io:443": "10.0.0.1:1", "posthere.io:80": "10.0.0.1:2", "thingsboard.cloud:1883": "10.0.0.1:3"}


def told(ways: Ways) -> dict[str, str]:
    return told_of_names(ways, RESOLVE, network_url="http://10.0.0.1:9", proxy="10.0.0.1:8")


def test_names_that_are_resolved_are_told_in_one_table() -> None:
    table = "posthere.io:443=10.0.0.1:1,posthere.io:80=10.0.0.1:2,thingsboard.cloud:1883=10.0.0.1:3"

    assert told(Ways()) == {"UPLAB_RESOLVE": table}


def test_direct_addresses_are_told_by_what_they_speak() -> None:
    spoken = "10.0.0.1:1=https,10.0.0.1:2=http,10.0.0.1:3=mqtt"

    assert told(Ways(names="direct")) == {"UPLAB_TRANSPORTS": spoken}
    assert told(Ways(names="direct", tls=False)) == {"UPLAB_TRANSPORTS": "10.0.0.1:2=http,10.0.0.1:3=mqtt"}


def test_proxy_is_told_in_both_spellings_and_not_for_the_network_server() -> None:
    found = told(Ways(names="proxy"))

    assert found["HTTPS_PROXY"] == found["https_proxy"] == found["http_proxy"] == "http://10.0.0.1:8"
    assert found["NO_PROXY"] == found["no_proxy"] == "localhost,127.0.0.1,::1,10.0.0.1"
    assert found["UPLAB_TRANSPORTS"] == "10.0.0.1:3=mqtt"
    assert "UPLAB_RESOLVE" not in found


def test_forwarder_elsewhere_is_told_fixed_ports_and_its_set_of_connections() -> None:
    ways = Ways(connections="static", names="direct", tls=False)
    profile = Profile(name="x", features=Features(http=True), ways=ways)

    found = told_elsewhere(profile, "192.0.2.7", 18080, Path("/lab"))

    witness = json.loads(found["UPLAB_CONNECTIONS"])[0]
    assert witness["configuration"]["destinationURL"].startswith("http://192.0.2.7:180")
    assert found["UPLAB_NETWORK_URL"].startswith("http://192.0.2.7:")
    assert found["UPLAB_CA"] == "/lab/uplab-ca.pem"
    assert "UPLAB_RESOLVE" not in found


def test_forwarder_elsewhere_with_the_api_is_given_no_connections() -> None:
    found = told_elsewhere(Profile(name="x", features=Features(api=True)), "192.0.2.7", 18080, Path("/lab"))

    assert "UPLAB_CONNECTIONS" not in found
    assert "posthere.io:443=192.0.2.7:18080" in found["UPLAB_RESOLVE"]

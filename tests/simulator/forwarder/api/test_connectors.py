from tests.simulator.forwarder.process import Forwarder


def test_connectors_are_listed_with_their_schemas(forwarder: Forwarder) -> None:
    http, thingsboard, mqtt = forwarder.call("GET", "/connectors").json()

    assert (http["id"], http["producerId"], http["moduleId"]) == ("actility-http-iot", "actility", "http-iot")
    assert {"destinationURL", "headers", "blamePeriod", "downlinkAsId", "downlinkAsKey"} <= (
        http["connection"]["configurationSchema"]["properties"].keys()
    )
    assert {"hostName", "username", "password"} <= thingsboard["connection"]["configurationSchema"]["properties"].keys()
    assert {"uplinkTopicPattern", "privateKey"} <= mqtt["connection"]["configurationSchema"]["properties"].keys()


def test_one_connector_is_shown(forwarder: Forwarder) -> None:
    assert forwarder.call("GET", "/connectors/actility-thingsboard-iot").json()["id"] == "actility-thingsboard-iot"

from __future__ import annotations

from typing import Any

import orjson

from uplab.simulator.lorawan.frame import DataFrame
from uplab.simulator.lorawan.ids import DevAddr
from uplab.simulator.network.documents import (
    Account,
    Carrier,
    Context,
    account_of,
    as_strings,
    downlink_rejected,
    downlink_sent,
    join_uplink,
    notification,
    uplink,
)
from uplab.simulator.payloads import Driver
from uplab.simulator.radio.gateway import Reception
from uplab.simulator.radio.radio import Signal

ACCOUNT = Account(
    customer_id="100002164",
    product="ABEE/APY",
    model_cfg="1:TPX_db1f8f32-84c1-4212-90a8-05fe8cbe8c90",
    model_driver=Driver("abeeway", "micro-tracker", "1"),
    app_driver=Driver("abeeway", "asset-tracker", "2"),
)
CONTEXT = Context("20635F01063008E4", "000000CB", ACCOUNT, {"10000033": (48.919655, 2.180129), "10000034": (48.9, 2.1)})
CARRIER = Carrier(10, "G1", "LC1", 868.1)
BEST = Reception("10000033", b"", Signal(-46.0, 10.75, -46.350853), 0, 2, 0.0)
OTHER = Reception("10000034", b"", Signal(-91.0, 4.5, -92.34), 0, 2, 0.0)
TIME = "2021-05-19T07:50:44.671+00:00"


def make_frame(**changes: Any) -> DataFrame:
    facts: dict[str, Any] = {
        "m_type": 2,
        "dev_addr": DevAddr("04D2848E"),
        "f_cnt": 1256,
        "f_port": 17,
        "payload": bytes.fromhex("0548c07b0040010901010003"),
        "adr": True,
    }
    return DataFrame(**facts | changes)


def make_uplink(heard: tuple[Reception, ...] = (BEST,), context: Context = CONTEXT, **changes: Any) -> dict[str, Any]:
    frame = make_frame(**changes)
    document = uplink(
        context,
        frame,
        heard,
        CARRIER,
        time=TIME,
        mic_hex="7ceb4570",
        f_cnt_down=46,
        instant_per=0.0,
        mean_per=0.0,
        tx_power_dbm=14.0,
        nb_trans=1,
    )
    [(root, body)] = document.items()
    assert root == "DevEUI_uplink"
    return dict(body)


def test_an_uplink_reads_as_the_published_one() -> None:
    # The beginning of the body that ThingPark posted to a bin in May 2021, key by key and digit by digit.
    published = (
        '{"Time":"2021-05-19T07:50:44.671+00:00","DevEUI":"20635F01063008E4","FPort":17,"FCntUp":1256,"ADRbit":1,'
        '"MType":2,"FCntDn":46,"payload_hex":"0548c07b0040010901010003","mic_hex":"7ceb4570","Lrcid":"000000CB",'
        '"LrrRSSI":-46.0,"LrrSNR":10.75,"LrrESP":-46.350853,"SpFact":10,"SubBand":"G1","Channel":"LC1","DevLrrCnt":1,'
        '"Lrrid":"10000033","Late":0,"LrrLAT":48.919655,"LrrLON":2.180129,"Lrrs":{"Lrr":[{"Lrrid":"10000033",'
        '"Chain":0,"LrrRSSI":-46.0,"LrrSNR":10.75,"LrrESP":-46.350853}]},"CustomerID":"100002164",'
        '"CustomerData":{"alr":{"pro":"ABEE/APY","ver":"1"}},"ModelCfg":"1:TPX_db1f8f32-84c1-4212-90a8-05fe8cbe8c90",'
        '"DriverCfg":{"mod":{"pId":"abeeway'
    )

    assert orjson.dumps(make_uplink()).decode().startswith(published)


def test_an_uplink_ends_with_the_documented_keys() -> None:
    assert list(make_uplink())[-9:] == [
        "ModelCfg",
        "DriverCfg",
        "InstantPER",
        "MeanPER",
        "DevAddr",
        "TxPower",
        "NbTrans",
        "Frequency",
        "DynamicClass",
    ]


def test_bits_that_are_not_set_are_absent() -> None:
    body = make_uplink(adr=False)

    assert not {"ADRbit", "ACKbit", "ADRAckReq", "payload", "rawMacCommands"} & body.keys()


def test_bits_that_are_set_stand_before_m_type() -> None:
    body = make_uplink(ack=True, adr_ack_req=True, m_type=4)

    assert list(body)[3:8] == ["FCntUp", "ADRbit", "ADRAckReq", "ACKbit", "MType"]
    assert body["MType"] == 4


def test_without_a_port_there_is_no_payload() -> None:
    body = make_uplink(f_port=None, payload=b"", f_opts=bytes.fromhex("0307"))

    assert not {"FPort", "payload_hex"} & body.keys()
    assert body["rawMacCommands"] == "0307"


def test_port_zero_shows_its_mac_commands() -> None:
    body = make_uplink(f_port=0, payload=bytes.fromhex("06ff10"))

    assert (body["FPort"], body["payload_hex"], body["rawMacCommands"]) == (0, "06ff10", "06ff10")


def test_an_empty_payload_is_an_empty_string() -> None:
    assert make_uplink(payload=b"")["payload_hex"] == ""


def test_all_gateways_count_and_ten_are_listed() -> None:
    body = make_uplink(heard=(BEST, *[OTHER] * 11))

    assert body["DevLrrCnt"] == 12
    assert [one["Lrrid"] for one in body["Lrrs"]["Lrr"]] == ["10000033", *["10000034"] * 9]


def test_late_is_said_of_a_queued_uplink() -> None:
    assert make_uplink(heard=(BEST._replace(late=True),))["Late"] == 1


def test_name_and_tags_are_customer_data() -> None:
    account = Account(name="Door 3", tags=("site=Paris", "floor=2"))

    body = make_uplink(context=CONTEXT._replace(account=account))

    assert body["CustomerData"] == {
        "alr": {"pro": "LORA/Generic", "ver": "1"},
        "tags": ["site=Paris", "floor=2"],
        "name": "Door 3",
    }
    assert body["ModelCfg"] == "0"
    assert "DriverCfg" not in body


def test_a_known_model_brings_its_drivers() -> None:
    account = account_of("elsys_ers", name="Door 3", tags=["site=Paris"], customer_id="7")

    assert (account.customer_id, account.product, account.tags) == ("7", "ELSY/ers", ("site=Paris",))
    assert account.driver_cfg() == {
        "mod": {"pId": "elsys", "mId": "ers", "ver": "1"},
        "app": {"pId": "elsys", "mId": "generic", "ver": "1"},
    }


def test_an_unknown_model_is_generic() -> None:
    assert account_of("toaster").driver_cfg() is None
    assert account_of("toaster").product == "LORA/Generic"


def test_documents_share_no_mutable_part() -> None:
    first, second = make_uplink(), make_uplink()
    first["CustomerData"]["alr"]["pro"] = "altered"
    first["DriverCfg"]["mod"]["pId"] = "altered"

    assert second["CustomerData"]["alr"]["pro"] == "ABEE/APY"
    assert second["DriverCfg"]["mod"]["pId"] == "abeeway"


def test_the_string_regime_leaves_no_number() -> None:
    body = as_strings(make_uplink())

    assert (body["FPort"], body["LrrRSSI"], body["LrrSNR"], body["ADRbit"]) == ("17", "-46.000000", "10.750000", "1")
    assert body["Lrrs"]["Lrr"][0]["Chain"] == "0"
    assert list(body) == list(make_uplink())


def test_a_join_request_reads_as_the_published_one() -> None:
    phy = bytes.fromhex("003246524144b21800200b000000b2180052ff36f5e390")
    document = join_uplink(CONTEXT, time=TIME, phy=phy, heard=(BEST,), carrier=CARRIER, airtime_s=1.482752)

    body = document["DevEUI_uplink"]
    assert list(body) == [
        *("Time", "DevEUI", "rawJoinRequest", "Lrrid", "Chain", "Channel", "Spfact", "SubBand", "MType", "mic_hex"),
        *("airtime", "Late", "LrrLAT", "LrrLON", "Lrrs", "DriverCfg", "CustomerID", "CustomerData", "ModelCfg"),
    ]
    assert (body["MType"], body["mic_hex"], body["rawJoinRequest"]) == (0, "36f5e390", phy.hex())


def test_a_notification_has_the_documented_keys() -> None:
    document = notification(CONTEXT, time=TIME, dev_addr="04D2848E", f_cnt_down=0, kind="join")

    body = document["DevEUI_notification"]
    assert list(body) == [
        *("Time", "DevEUI", "Lrcid", "DevAddr", "CustomerID", "CustomerData", "ModelCfg"),
        *("FCntDn", "Type", "Var1", "Var2"),
    ]
    assert (body["Type"], body["Var1"], body["Var2"]) == ("join", "", "")


def make_sent(causes: dict[str, str], window: str, correlation_id: str | None = None) -> dict[str, Any]:
    document = downlink_sent(
        CONTEXT,
        time=TIME,
        f_port=1,
        f_cnt_down=47,
        f_cnt_up=39,
        lrr_id="10000033",
        carrier=CARRIER,
        window=window,
        causes=causes,
        correlation_id=correlation_id,
    )
    return dict(document["DevEUI_downlink_Sent"])


def test_a_sent_report_names_slot_and_correlation() -> None:
    body = make_sent({}, "RX1", "4434704901C7450B")

    assert (body["DeliveryStatus"], body["TransmissionSlot"], body["CorrelationID"]) == (1, 1, "4434704901C7450B")
    assert list(body) == [
        *("Time", "DevEUI", "FPort", "FCntDn", "FCntUp", "Lrcid", "SpFact", "SubBand", "Channel", "Lrrid"),
        *("DeliveryStatus", "DeliveryFailedCause1", "DeliveryFailedCause2", "DeliveryFailedCause3", "CustomerID"),
        *("CustomerData", "TransmissionSlot", "Frequency", "CorrelationID"),
    ]


def test_a_sent_report_tells_why_the_first_slot_was_left() -> None:
    body = make_sent({"RX1": "C0"}, "RX2")

    assert (body["DeliveryStatus"], body["DeliveryFailedCause1"], body["DeliveryFailedCause2"]) == (1, "C0", "00")
    assert "CorrelationID" not in body


def test_a_report_of_nothing_sent_has_status_zero() -> None:
    body = make_sent({"RX1": "A3", "RX2": "DA"}, "RX2")

    assert (body["DeliveryStatus"], body["DeliveryFailedCause1"], body["DeliveryFailedCause2"]) == (0, "A3", "DA")


def test_a_rejection_carries_cause_and_correlation() -> None:
    document = downlink_rejected(CONTEXT, time=TIME, f_port=1, cause="expired", correlation_id="4434704901C7450B")

    assert document == {
        "DevEUI_downlink_Rejected": {
            "Time": TIME,
            "DevEUI": "20635F01063008E4",
            "FPort": 1,
            "DeliveryStatus": 0,
            "DownlinkRejectionCause": "expired",
            "CustomerID": "100002164",
            "CorrelationID": "4434704901C7450B",
        }
    }

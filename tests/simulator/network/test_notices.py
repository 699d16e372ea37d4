from __future__ import annotations

from uplab.simulator.network.documents import Account, Context
from uplab.simulator.network.notices import device_alarm, location

CONTEXT = Context("0018B20000001156", "00000065", Account(customer_id="100002164", tags=("tag1",)), {})
TIME = "2020-07-09T16:06:38.490+02:00"


def test_a_location_has_the_documented_keys() -> None:
    document = location(
        CONTEXT, time=TIME, dev_addr="0405F519", latitude=10.11212, longitude=7.44464, f_cnt_up=7010, altitude_m=50.0
    )

    [(root, body)] = document.items()
    assert root == "DevEUI_location"
    assert list(body) == [
        *("DevEUI", "DevAddr", "Lrcid", "NwGeolocAlgo", "NwGeolocAlgoUsed", "Time", "DevLocTime", "DevLAT", "DevLON"),
        *("DevAlt", "DevLocRadius", "DevAltRadius", "DevUlFCntUpUsed", "CustomerID", "CustomerData", "ModelCfg"),
    ]
    assert (body["DevLAT"], body["DevLON"], body["DevUlFCntUpUsed"]) == (10.11212, 7.44464, 7010)


def test_an_alarm_names_the_device_and_no_time() -> None:
    document = device_alarm(CONTEXT, alarm_id=4, created=TIME, updated=TIME, detail="69")

    [(root, body)] = document.items()
    assert root == "DevEUI_alarm"
    assert list(body) == [
        *("ID", "State", "CreationTime", "LastUpdateTime", "Occurrence", "Acked", "AddInfo1", "DevEUI"),
        *("CustomerID", "CustomerData"),
    ]
    assert (body["ID"], body["Acked"], body["AddInfo1"]) == (4, 0, "69")

"""The official Python SDK as a device: telemetry, attributes, commands both ways, claiming, provisioning, firmware."""

import json
import sys
import threading
import urllib.request

from tb_device_mqtt import TBDeviceMqttClient, TBPublishInfo

told = json.loads(sys.argv[1])
PAUSE = threading.Event()  # the SDK has no event for what is looked for with it
found: dict = {}


def rest(method, path, body=None):
    request = urllib.request.Request(told["url"] + path, method=method)
    request.add_header("Content-Type", "application/json")
    request.add_header("X-Authorization", f"Bearer {told['jwt']}")
    with urllib.request.urlopen(request, json.dumps(body).encode() if body is not None else None, timeout=20) as answer:
        raw = answer.read()
    return json.loads(raw) if raw else None


def wait(event, what):
    if not event.wait(20):
        raise SystemExit(f"{what} did not come in 20 s")


credentials = TBDeviceMqttClient.provision(
    "127.0.0.1", told["provision_key"], told["provision_secret"], port=told["mqtt"], device_name="provisioned"
)
found["provisioned"] = credentials["status"]
device = rest("GET", "/api/tenant/devices?deviceName=provisioned")["id"]["id"]
client = TBDeviceMqttClient("127.0.0.1", told["mqtt"], credentials["credentialsValue"], chunk_size=1000)
replies = threading.Event()


def answer(request_id, request):
    found["asked"] = request
    client.send_rpc_reply(request_id, {"did": request["method"]})


client.set_server_side_rpc_request_handler(answer)
client.connect()
while not client.is_connected():
    PAUSE.wait(0.05)
found["telemetry"] = client.send_telemetry({"temperature": 21.5}).get() == TBPublishInfo.TB_ERR_SUCCESS
client.send_telemetry([{"ts": 1000, "values": {"a": 1}}, {"ts": 2000, "values": {"a": 2}}]).get()
client.send_attributes({"model": "ERS"}).get()

changed = threading.Event()
client.subscribe_to_attribute("interval", lambda result, *_: (found.update(pushed=result), changed.set()))
rest("POST", f"/api/plugins/telemetry/DEVICE/{device}/SHARED_SCOPE", {"interval": 60})
wait(changed, "the shared attribute")

asked = threading.Event()
client.request_attributes(["model"], ["interval"], callback=lambda result, *_: (found.update(read=result), asked.set()))
wait(asked, "the answer to the attribute request")

limits = threading.Event()
client.send_rpc_call(
    "getSessionLimits", {"timeout": 5000}, lambda _id, result, *_: (found.update(limits=result), limits.set())
)
wait(limits, "the session limits")

found["replied"] = rest("POST", f"/api/rpc/twoway/{device}", {"method": "setLed", "params": {"on": True}})
rpc = rest("POST", f"/api/rpc/twoway/{device}", {"method": "later", "params": {}, "persistent": True})["rpcId"]
for _ in range(100):
    if (record := rest("GET", f"/api/rpc/persistent/{rpc}"))["status"] == "SUCCESSFUL":
        break
    PAUSE.wait(0.1)
found["persistent"] = [record["status"], record["response"]]
client.claim("secret", 10_000)

received = threading.Event()


def on_firmware(_client, data, version):
    found["firmware"] = [len(data), version]
    received.set()


client.set_on_firmware_received_callback(on_firmware)
whole = rest("GET", f"/api/device/{device}")
rest("POST", "/api/device", {**whole, "firmwareId": {"entityType": "OTA_PACKAGE", "id": told["firmware"]}})
client.get_firmware_update()
wait(received, "the firmware")
client.disconnect()
client.stop()
print(json.dumps(found))
sys.stdout.flush()

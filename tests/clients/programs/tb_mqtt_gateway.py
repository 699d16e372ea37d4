"""The official Python SDK as a gateway: devices behind it, their telemetry, attributes and commands."""

import json
import sys
import threading
import urllib.request

from tb_gateway_mqtt import TBGatewayMqttClient

told = json.loads(sys.argv[1])
PAUSE = threading.Event()  # the SDK has no event for what is looked for with it
found: dict = {"commands": []}


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


gateway = TBGatewayMqttClient("127.0.0.1", told["mqtt"], told["token"])
renamed = threading.Event()


def command(_gateway, request):
    if "device" in request:
        found["commands"].append([request["device"], request["data"]["method"]])
        gateway.gw_send_rpc_reply(request["device"], request["data"]["id"], {"ok": True})
    else:
        found["told"] = [request.get("method"), request.get("params")]
        renamed.set()


gateway.gw_set_server_side_rpc_request_handler(command)
# The SDK hands commands to the gateway itself to the device's handler.
gateway.set_server_side_rpc_request_handler(lambda _id, request: command(gateway, request))
gateway.connect()
while not gateway.is_connected():
    PAUSE.wait(0.05)
gateway.gw_connect_device("A", "elsys").get()
gateway.gw_send_telemetry("A", {"ts": 1000, "values": {"temperature": 21.5}}).get()
gateway.gw_send_telemetry("B", [{"ts": 1000, "values": {"t": 1}}, {"ts": 2000, "values": {"t": 2}}]).get()
gateway.gw_send_attributes("A", {"fw": "1.2"}).get()

changed = threading.Event()
gateway.gw_subscribe_to_attribute("A", "interval", lambda result, *_: (found.update(pushed=result), changed.set()))
device = rest("GET", "/api/tenant/devices?deviceName=A")
path = f"/api/plugins/telemetry/DEVICE/{device['id']['id']}"
rest("POST", f"{path}/SHARED_SCOPE", {"interval": 60})
wait(changed, "the shared attribute")
asked = threading.Event()
gateway.gw_request_shared_attributes("A", ["interval"], lambda result, *_: (found.update(read=result), asked.set()))
wait(asked, "the answer to the attribute request")

found["replied"] = rest("POST", f"/api/rpc/twoway/{device['id']['id']}", {"method": "setLed", "params": {}})
found["type"] = device["type"]
rest("POST", "/api/device", {**rest("GET", f"/api/device/{device['id']['id']}"), "name": "A2"})
wait(renamed, "the news of the renaming")
found["latest"] = rest("GET", f"{path}/values/timeseries?useStrictDataTypes=true")
gateway.gw_disconnect_device("B").get()
gateway.disconnect()
gateway.stop()
print(json.dumps(found))
sys.stdout.flush()

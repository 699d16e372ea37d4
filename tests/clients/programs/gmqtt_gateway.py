"""gmqtt, MQTT 5 or 3.1.1: publishes for a gateway with QoS 1 and answers one command."""

import asyncio
import json
import sys

import gmqtt
from gmqtt.mqtt.constants import MQTTv50, MQTTv311

told = json.loads(sys.argv[1])


async def main():
    found = {}
    client = gmqtt.Client("gmqtt")
    client.set_auth_credentials(told["username"], told["password"])
    subscribed, asked = asyncio.Event(), asyncio.Event()

    def on_message(_client, topic, payload, _qos, _properties):
        request = json.loads(payload)
        found["command"] = [topic, request["device"], request["data"]["method"]]
        reply = {"device": request["device"], "id": request["data"]["id"], "data": {"ok": True}}
        client.publish("v1/gateway/rpc", json.dumps(reply), qos=1)
        asked.set()
        return 0

    client.on_message = on_message
    client.on_subscribe = lambda *_: subscribed.set()
    await client.connect("127.0.0.1", told["mqtt"], version=MQTTv50 if told["version"] == 5 else MQTTv311)
    client.subscribe("v1/gateway/rpc", qos=1)
    await asyncio.wait_for(subscribed.wait(), 20)
    client.publish("v1/gateway/connect", json.dumps({"device": "A"}), qos=1)
    for number in range(50):
        client.publish("v1/gateway/telemetry", json.dumps({"A": [{"ts": number + 1, "values": {"t": number}}]}), qos=1)
    print("READY", flush=True)
    await asyncio.wait_for(asked.wait(), 20)
    await client.disconnect()
    print(json.dumps(found), flush=True)


asyncio.run(main())

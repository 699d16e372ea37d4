// mqtt.js, in one of its protocol versions: publishes for a gateway with QoS 1 and answers one command.
import { createRequire } from "node:module";

const told = JSON.parse(process.argv[2]);
const mqtt = createRequire(`${told.modules}/`)("mqtt");
const protocol = told.version === 3 ? { protocolVersion: 3, protocolId: "MQIsdp" } : { protocolVersion: told.version };
const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${told.mqtt}`, { username: told.username, password: told.password, clientId: "mqttjs", ...protocol });
const asked = new Promise((done) => client.on("message", (topic, payload) => done([topic, JSON.parse(payload)])));
await client.subscribeAsync("v1/gateway/rpc", { qos: 1 });
await client.publishAsync("v1/gateway/connect", JSON.stringify({ device: "A" }), { qos: 1 });
for (let number = 0; number < 50; number += 1) {
  await client.publishAsync("v1/gateway/telemetry", JSON.stringify({ A: [{ ts: number + 1, values: { t: number } }] }), { qos: 1 });
}
console.log("READY");
const [topic, request] = await asked;
await client.publishAsync("v1/gateway/rpc", JSON.stringify({ device: request.device, id: request.data.id, data: { ok: true } }), { qos: 1 });
await client.endAsync();
console.log(JSON.stringify({ command: [topic, request.device, request.data.method] }));

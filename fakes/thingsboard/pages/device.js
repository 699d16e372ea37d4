// The page of one device: what it is, its attributes by scope, its telemetry, and commands to it.
import { api, go, h, link, tell } from "/assets/app.js";
import { follow } from "/assets/live.js";
import { attempt, dialog, empty, entriesOf, field, shown, stateOf, time, title, valueTable } from "/assets/parts.js";

const TABS = [["details", "Details"], ["attributes", "Attributes"], ["telemetry", "Latest telemetry"]];
const SCOPES = [["CLIENT_SCOPE", "Client"], ["SERVER_SCOPE", "Server"], ["SHARED_SCOPE", "Shared"]];

export async function devicesOne(root, id, current) {
  const device = await api("GET", `/api/device/info/${id}`);
  if (!current()) return;
  const panels = Object.fromEntries(TABS.map(([name]) => [name, h("section", { class: "card", id: `panel-${name}`, role: "tabpanel" })]));
  const buttons = TABS.map(([name, text]) => h("button", { role: "tab", id: `tab-${name}`, onclick: () => choose(name) }, text));
  function choose(name) {
    TABS.forEach(([one], index) => {
      panels[one].hidden = one !== name;
      buttons[index].setAttribute("aria-selected", String(one === name));
    });
  }
  const state = h("span", { id: "state" }, stateOf(device.active));
  root.append(link("/devices", "← Devices"), title(device.name, state,
    h("button", { class: "quiet", id: "rename", onclick: () => rename(device) }, "Rename"),
    h("button", { class: "quiet", id: "delete", onclick: () => remove(device) }, "Delete")),
  h("div", { class: "tabs", role: "tablist" }, buttons), ...Object.values(panels));
  choose("telemetry");
  followTelemetry(panels.telemetry, device);
  followAttributes(panels.attributes, device, state);
  await fillDetails(panels.details, device);
}

function rename(device) {
  dialog("Rename device", [field("Name", { name: "title", required: true, value: device.name })], "Rename", async ({ title: name }) => {
    const whole = await api("GET", `/api/device/${device.id.id}`);
    await api("POST", "/api/device", { ...whole, name: name.value.trim() });
    go(`/devices/${device.id.id}`);
  });
}

function remove(device) {
  const text = h("p", {}, `${device.name} will be deleted with its telemetry and attributes.`);
  dialog("Delete device?", [text], "Delete", async () => {
    await api("DELETE", `/api/device/${device.id.id}`);
    tell(`${device.name} was deleted.`);
    go("/devices");
  });
}

function followTelemetry(panel, device) {
  const values = valueTable({ id: "latest-telemetry" });
  const none = empty("No telemetry yet.");
  panel.append(none, values);
  values.hidden = true;
  follow({ type: "TIMESERIES", entityType: "DEVICE", entityId: device.id.id, scope: "LATEST_TELEMETRY" }, (update) => {
    entriesOf(update).forEach(values.set);
    none.hidden = values.count() > 0;
    values.hidden = !values.count();
  });
}

function followAttributes(panel, device, state) {
  const actions = (entry) => (entry.scope === "Shared"
    ? [h("button", { class: "quiet", onclick: () => edit(device, entry) }, "Edit"), " ", h("button", { class: "quiet", onclick: attempt(() => forget(device, entry)) }, "Delete")]
    : []);
  const values = valueTable({ id: "attributes", scopes: true, actions });
  const add = h("button", { id: "add-attribute", onclick: () => edit(device, null) }, "Add shared attribute");
  panel.append(h("div", { class: "actions bar" }, add, h("span", { class: "hint" }, "The device is told of shared attributes.")), values);
  for (const [scope, name] of SCOPES) {
    follow({ type: "ATTRIBUTES", entityType: "DEVICE", entityId: device.id.id, scope }, (update) => {
      for (const entry of entriesOf(update)) {
        values.set({ ...entry, scope: name });
        if (scope === "SERVER_SCOPE" && entry.key === "active") state.replaceChildren(stateOf(entry.value === "true"));
      }
    });
  }
}

// A value is sent with the digits that were typed: a number of JSON, or a text.
function typed(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "number" || typeof value === "boolean" || typeof value === "object" ? text.trim() : JSON.stringify(text);
  } catch {
    return JSON.stringify(text);
  }
}

function edit(device, entry) {
  const row = entry && document.querySelector(`tr[data-scope="Shared"][data-key="${CSS.escape(entry.key)}"] .value`);
  const fields = [
    field("Key", { name: "key", required: true, value: entry?.key, readonly: Boolean(entry) }),
    field("Value (a number, true, false, JSON, or text)", { name: "value", required: true, value: row?.textContent ?? "" }),
  ];
  dialog(entry ? "Edit shared attribute" : "Add shared attribute", fields, "Save", ({ key, value }) => {
    const body = `{${JSON.stringify(key.value.trim())}:${typed(value.value)}}`;
    return api("POST", `/api/plugins/telemetry/DEVICE/${device.id.id}/SHARED_SCOPE`, body);
  });
}

const forget = (device, entry) => api("DELETE", `/api/plugins/telemetry/DEVICE/${device.id.id}/SHARED_SCOPE?keys=${encodeURIComponent(entry.key)}`);

// --- details --------------------------------------------------------------------------------------------------------

async function copy(text) {
  await navigator.clipboard.writeText(text);
  tell("Copied.");
}

// The access token is shown to whoever may see the device, as on ThingsBoard's own page; other secrets stay hidden.
function secretOf(secret) {
  if (secret.credentialsType !== "ACCESS_TOKEN") {
    const login = JSON.parse(secret.credentialsValue || "{}");
    const known = [login.clientId && `client id ${login.clientId}`, login.userName && `user name ${login.userName}`].filter(Boolean);
    return [secret.credentialsType, known.length ? `: ${known.join(", ")}` : ""];
  }
  return [h("code", { id: "access-token" }, secret.credentialsId), " ",
    h("button", { class: "quiet small", id: "copy-token", onclick: attempt(() => copy(secret.credentialsId)) }, "Copy access token")];
}

async function fillDetails(panel, device) {
  const secret = await api("GET", `/api/device/${device.id.id}/credentials`);
  const facts = {
    Name: device.name, Id: device.id.id, "Device profile": device.deviceProfileName, Label: device.label || "",
    Gateway: device.additionalInfo.gateway ? "Yes" : "No", Created: time(device.createdTime), Credentials: secretOf(secret),
  };
  panel.append(h("dl", {}, Object.entries(facts).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
  const form = h("form", { class: "command", onsubmit: attempt(async () => {
    const { method, params } = form.elements;
    const body = { method: method.value, params: params.value ? JSON.parse(params.value) : {} };
    const answer = await api("POST", `/api/rpc/twoway/${device.id.id}`, body);
    tell(`The device answered: ${answer === "" ? "nothing" : shown(answer)}`);
  }) }, h("h2", {}, "Send a command (RPC)"), field("Method", { name: "method", required: true }),
  field("Params (JSON)", { name: "params", placeholder: "{}" }), h("button", {}, "Send"));
  panel.append(form);
}

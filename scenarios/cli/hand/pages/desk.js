"use strict";
// The desk: asks the lab once a second what it is like, and does what is asked of it. Nothing is kept here.
const at = (id) => document.getElementById(id);
const known = new Map();
const SELECT = {actions: "act", triggers: "when"};
let seen = 0, state = null, kinds = null, newest = null;

function make(tag, text, classes) {
  const node = document.createElement(tag);
  if (text !== undefined && text !== null) node.textContent = text;
  if (classes) node.className = classes;
  return node;
}

async function ask(path, body) {
  const options = body === undefined ? {} : {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)};
  const answer = await fetch(path, options);
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.message || answer.statusText);
  return told;
}

function choose(select, rows) {
  const before = select.value, wanted = JSON.stringify(rows);
  if (select.dataset.rows === wanted) return;
  select.dataset.rows = wanted;
  select.replaceChildren(...rows.map(([value, text]) => Object.assign(make("option", text), {value})));
  if (rows.some(([value]) => value === before)) select.value = before;
  select.dispatchEvent(new Event("change"));
}

function listed(place, rows, nothing) {
  const wanted = JSON.stringify(rows.map((row) => row.key));
  if (place.dataset.rows === wanted) return;
  place.dataset.rows = wanted;
  place.replaceChildren(...(rows.length ? rows.map((row) => row.node()) : [make("p", nothing, "none")]));
}

function count(number, what) {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

function connectionItem(one) {
  const node = make("div", null, "item");
  node.append(make("b", one.name || one.id), " ", one.state || "");
  node.append(make("small", `${one.to || "no address"}; ${count(one.devices.length, "device")} of the desk bound`));
  return node;
}

function deviceItem(one) {
  const node = make("div", null, "item"), button = make("button", "Bind", "plain");
  button.title = "Bind it to every connection";
  button.addEventListener("click", () => ask("/bind", {dev_eui: one.dev_eui}).then(look, (error) => alert(error.message)));
  node.append(button, make("b", one.dev_eui), " ", one.model, make("small", `${one.name}; ${count(one.received.length, "downlink")} received`));
  return node;
}

function show() {
  at("parts").replaceChildren(...state.parts.map((part) => make("span", `${part.name} ${part.bad ? part.state.slice(0, 60) : part.state}`, part.bad ? "bad" : "")));
  const dead = state.parts.find((part) => part.name === "forwarder" && part.bad);
  at("dead").hidden = !dead;
  at("dead").textContent = dead ? `The forwarder ${dead.state}` : "";
  const devices = state.devices.map((one) => [one.dev_eui, `${one.dev_eui} (${one.model})`]);
  choose(document.forms.send.who, [...devices, ...Object.keys(state.models).map((name) => [`model ${name}`, `new or first ${name}`])]);
  choose(document.forms.downlink.dev_eui, devices.length ? devices : [["", "none yet: send an uplink first"]]);
  choose(document.forms.break.fake, Object.keys(state.faults).map((name) => [name, name]));
  listed(at("connections"), state.connections.map((one) => ({key: one, node: () => connectionItem(one)})), "None yet.");
  listed(at("devices"), state.devices.map((one) => ({key: one, node: () => deviceItem(one)})), "None yet: the first uplink makes one.");
  if (!at("addresses").children.length) {
    for (const [name, address] of Object.entries(state.addresses)) {
      const shown = make("dd", /^https?:/.test(address) ? null : address);
      if (!shown.textContent) shown.append(Object.assign(make("a", address), {href: address, target: "_blank", rel: "noopener"}));
      at("addresses").append(make("dt", name.replace("_", " ")), shown);
    }
  }
}

function hopItem(hop) {
  const node = make("li", null, hop.bad ? "bad" : "");
  node.append(make("span", hop.at.slice(11, 23), "at"), make("span", hop.where, "where"), make("span", hop.what, "what"));
  if (hop.body) {
    const body = make("details"), text = make("pre", pretty(hop.body));
    body.append(make("summary", `body, ${hop.body.length} characters`), text);
    node.append(body);
  }
  return node;
}

function pretty(text) {
  try { JSON.parse(text); } catch { return text; }
  // Only blanks are put in between, so that every digit stays as it came.
  let depth = 0, inside = false, out = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (inside) { out += c; if (c === "\\") out += text[++i]; else if (c === '"') inside = false; continue; }
    if (c === '"') { inside = true; out += c; }
    else if (c === "{" || c === "[") out += c + "\n" + "  ".repeat(++depth);
    else if (c === "}" || c === "]") out += "\n" + "  ".repeat(--depth) + c;
    else if (c === ",") out += c + "\n" + "  ".repeat(depth);
    else if (c === ":") out += ": ";
    else if (!/\s/.test(c)) out += c;
  }
  return out;
}

function showWay(way) {
  let node = known.get(way.id);
  if (!node) {
    node = make("details", null, "way");
    if (newest && newest.open) newest.open = newest.dataset.mine === "yes";
    node.open = true;
    node.addEventListener("click", () => { node.dataset.mine = "yes"; });
    newest = node;
    known.set(way.id, node);
    at("ways").prepend(node);
  }
  const good = /^(delivered|received)/.test(way.state), bad = /^(refused|not answered|unclear|rejected)/.test(way.state);
  const head = make("summary");
  head.append(make("span", way.kind, "kind"), make("span", way.device, "dev"), make("span", way.began.slice(11, 19), "when"));
  head.append(make("span", way.state, `state ${good ? "good" : bad ? "bad" : ""}`));
  const open = [...node.querySelectorAll(".hops details")].map((one) => one.open);
  const list = make("ol", null, "hops");
  list.append(...way.hops.map(hopItem));
  list.querySelectorAll("details").forEach((one, index) => { one.open = open[index] || false; });
  node.replaceChildren(head, list);
}

let looking = false;
async function look() {
  if (looking) return;
  looking = true;
  try {
    state = await ask("/state");
    show();
    const told = await ask(`/ways?after=${seen}`);
    seen = told.seen;
    told.ways.forEach(showWay);
    at("none").hidden = known.size > 0;
    at("count").textContent = known.size ? `${known.size}, the newest first` : "";
  } catch (error) {
    at("dead").hidden = false;
    at("dead").textContent = `The lab does not answer: ${error.message}. Is uplab up still running?`;
  } finally {
    looking = false;
  }
}

function readingFields() {
  const who = document.forms.send.who.value, device = state.devices.find((one) => one.dev_eui === who);
  const names = state.models[device ? device.model : who.replace("model ", "")] || [];
  at("readings").hidden = !names.length;
  at("readings").replaceChildren(at("readings").firstElementChild, ...names.map((name) => {
    const label = make("label", name.replace(/_/g, " ")), input = make("input");
    input.name = `reading ${name}`;
    input.autocomplete = "off";
    label.append(input);
    return label;
  }));
}

function value(text) {
  try { return JSON.parse(text); } catch { return text; }
}

function partOf(form, union) {
  const type = form[SELECT[union]].value, part = {type};
  for (const field of kinds[union].find((one) => one.type === type).fields) {
    const input = form[`${union} ${field.name}`];
    if (input && input.value.trim() !== "") part[field.name] = value(input.value.trim());
  }
  return part;
}

function faultFields() {
  const form = document.forms.break, shown = [];
  for (const union of ["actions", "triggers"]) {
    const part = kinds[union].find((one) => one.type === form[SELECT[union]].value);
    if (union === "actions") form.querySelector(".does").textContent = part.does.replace(/`/g, "");
    for (const field of part.fields) {
      if (["headers", "then", "bytes"].includes(field.name) && !field.needed) continue;
      const label = make("label", `${field.name.replace(/_/g, " ")}${field.needed ? " *" : ""}`), input = make("input");
      input.name = `${union} ${field.name}`;
      input.required = field.needed;
      input.placeholder = field.default === null ? "" : String(field.default);
      input.autocomplete = "off";
      if (field.name === "code" && part.type === "Status") input.value = "503";
      if (field.name === "n") input.value = "1";
      label.append(input);
      shown.push(label);
    }
  }
  at("fault-fields").replaceChildren(...shown);
}

function submits(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = form.querySelector("output"), buttons = form.querySelectorAll("button");
    buttons.forEach((one) => { one.disabled = true; });
    said.className = "";
    said.textContent = "…";
    try {
      said.textContent = await work(form);
    } catch (error) {
      said.className = "bad";
      said.textContent = error.message;
    }
    buttons.forEach((one) => { one.disabled = false; });
    look();
  });
}

submits(document.forms.send, async (form) => {
  const who = form.who.value, device = state.devices.find((one) => one.dev_eui === who), readings = {};
  for (const input of at("readings").querySelectorAll("input")) {
    if (input.value.trim() !== "") readings[input.name.replace("reading ", "")] = value(input.value.trim());
  }
  const body = {model: device ? device.model : who.replace("model ", ""), readings, bind: form.bind.checked, confirmed: form.confirmed.checked};
  if (device) body.dev_eui = device.dev_eui;
  if (form.payload_hex.value.trim()) { body.payload_hex = form.payload_hex.value.trim(); body.readings = {}; }
  if (form.port.value.trim()) body.port = value(form.port.value.trim());
  const told = await ask("/send", body);
  const lines = [`${told.dev_eui} FCntUp ${told.f_cnt}: ${told.outcome || "not sent"}${told.status ? ` (${told.status})` : ""} ${told.reason}`.trim()];
  return [...lines, told.routing || "", ...(told.became || []), ...(told.received || []).map(([port, bytes]) => `the device received ${bytes || "no payload"} on FPort ${port}`)].filter(Boolean).join("\n");
});

submits(document.forms.downlink, async (form) => {
  const downlink = {payload_hex: form.payload_hex.value.trim()};
  if (form.port.value.trim()) downlink.FPort = value(form.port.value.trim());
  const told = await ask("/downlink", {dev_eui: form.dev_eui.value, downlink});
  const taken = told.status >= 200 && told.status < 300;
  return `${taken ? "accepted" : "refused"} (${told.status}), ${told.network}${taken ? "\nit goes out after the device's next uplink" : `\n${told.text}`}`;
});

submits(document.forms.break, async (form) => {
  const fault = {trigger: partOf(form, "triggers"), action: partOf(form, "actions")};
  const seconds = form.seconds.value.trim();
  const told = await ask("/faults", {fake: form.fake.value, faults: [fault], seconds: seconds ? value(seconds) : null});
  return `${told.fake} is broken${seconds ? ` for ${seconds} s` : " until it is healed"}: ${told.faults.map((one) => one.action.type).join(", ")}`;
});

at("heal").addEventListener("click", async () => {
  const form = document.forms.break;
  await ask("/faults", {fake: form.fake.value, faults: []});
  form.querySelector("output").textContent = `${form.fake.value} is well again`;
  look();
});

submits(document.forms.save, async () => {
  const told = await ask("/save", {name: "by-hand"});
  const link = Object.assign(make("a"), {href: URL.createObjectURL(new Blob([told.world], {type: "application/json"})), download: "by-hand.json"});
  link.click();
  return ["saved as by-hand.json: uplab play by-hand.json", ...told.left_out.map((one) => `left out: ${one}`)].join("\n");
});

(async () => {
  kinds = await ask("/kinds");
  const form = document.forms.break;
  form.act.replaceChildren(...kinds.actions.map((one) => Object.assign(make("option", one.type), {value: one.type})));
  form.when.replaceChildren(...kinds.triggers.map((one) => Object.assign(make("option", one.type), {value: one.type})));
  form.act.addEventListener("change", faultFields);
  form.when.addEventListener("change", faultFields);
  document.forms.send.who.addEventListener("change", readingFields);
  faultFields();
  await look();
  setInterval(look, 1000);
})();

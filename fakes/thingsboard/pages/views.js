// One function for each page: it fills `root` and may return what is to be done every second.
import { api, go, h, link, logIn, tell } from "/assets/app.js";

const PAGE_SIZE = 50;

function time(ms) {
  const at = new Date(ms);
  const two = (number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

const shown = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));
const title = (text, ...actions) => h("header", { class: "title" }, h("h1", {}, text), h("div", { class: "actions" }, actions));
const empty = (text) => h("p", { class: "empty" }, text);

function table(columns, rows, attributes = {}) {
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)));
  return h("table", attributes, h("thead", {}, head), h("tbody", {}, rows));
}

// Fills `list` with one page of what `ask(query)` finds, and goes to another one when it is asked to. An answer that another
// question has overtaken is dropped; a page that is no longer there gives way to the last one.
function paged(list, ask, draw) {
  let [page, asked] = [0, 0];
  const range = h("span", { class: "range" });
  const turn = (step) => attempt(() => { page = Math.max(0, page + step); return refresh(); });
  const previous = h("button", { class: "quiet", type: "button", onclick: turn(-1) }, "Previous");
  const next = h("button", { class: "quiet", type: "button", onclick: turn(1) }, "Next");
  const nav = h("div", { class: "pager", role: "navigation", "aria-label": "Pages", hidden: true }, range, previous, next);
  const rows = h("div", {});
  list.append(rows, nav);
  async function refresh() {
    const mine = (asked += 1);
    const found = await ask(`pageSize=${PAGE_SIZE}&page=${page}`);
    if (mine !== asked) return undefined;
    if (page > 0 && !found.data.length) {
      page = Math.max(found.totalPages, 1) - 1;
      return refresh();
    }
    rows.replaceChildren(draw(found.data));
    nav.hidden = found.totalPages < 2;
    const first = page * PAGE_SIZE;
    range.textContent = `${first + 1}-${first + found.data.length} of ${found.totalElements}`;
    previous.disabled = page === 0;
    next.disabled = !found.hasNext;
    return undefined;
  }
  return { refresh, restart: attempt(() => { page = 0; return refresh(); }) };
}

function attempt(work) {
  return async (event) => {
    event.preventDefault();
    try { await work(event); } catch (error) { tell(error.message, true); }
  };
}

function dialog(heading, fields, verb, work) {
  const box = h("dialog", {});
  const form = h("form", { onsubmit: attempt(async () => { await work(form.elements); box.close(); }) },
    h("h2", {}, heading), fields,
    h("div", { class: "actions" },
      h("button", { type: "button", class: "quiet", onclick: () => box.close() }, "Cancel"),
      h("button", {}, verb)));
  box.append(form);
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

const field = (label, attributes) => h("label", {}, label, h("input", attributes));

// --- log in and home ------------------------------------------------------------------------------------------------

function login() {
  const failed = h("p", { class: "failed", role: "alert", hidden: true });
  const submit = async (event) => {
    event.preventDefault();
    const { username, password } = event.target.elements;
    try {
      await logIn(username.value, password.value);
    } catch (error) {
      failed.textContent = error.message;
      failed.hidden = false;
    }
  };
  return [h("form", { class: "login", onsubmit: submit },
    h("div", { class: "brand" }, h("span", { class: "mark" }, "tb"), h("span", {}, "ThingsBoard", h("small", {}, "fake"))),
    field("Username (email)", { name: "username", type: "email", autocomplete: "username", required: true, autofocus: true }),
    field("Password", { name: "password", type: "password", autocomplete: "current-password", required: true }),
    failed,
    h("button", {}, "Login"),
    h("p", { class: "hint" }, "Demo account: tenant@thingsboard.org / tenant"))];
}

async function home(root) {
  const user = await api("GET", "/api/auth/user");
  const tile = (path, name, text) => {
    const count = h("strong", { id: `count-${path.slice(1)}` }, "…");
    const card = link(path, h("span", {}, name), count, h("small", {}, text));
    card.className = "tile";
    return { card, count };
  };
  const tiles = {
    "/api/tenant/deviceInfos": tile("/devices", "Devices", "with their latest telemetry"),
    "/api/tenant/dashboards": tile("/dashboards", "Dashboards", "widgets bound to devices"),
    "/api/domain/infos": tile("/domains", "Domain", "the names of this ThingsBoard"),
  };
  root.append(title("Home"), h("p", { class: "lead" }, `Logged in as ${user.email}.`),
    h("div", { class: "tiles" }, Object.values(tiles).map((one) => one.card)));
  return async () => {
    for (const [path, one] of Object.entries(tiles)) {
      one.count.textContent = (await api("GET", `${path}?pageSize=1&page=0`)).totalElements;
    }
  };
}

// --- devices --------------------------------------------------------------------------------------------------------

const stateOf = (active) => h("span", { class: active ? "state active" : "state" }, active ? "Active" : "Inactive");

async function devices(root) {
  const search = h("input", { type: "search", placeholder: "Search by name", "aria-label": "Search by name" });
  const list = h("div", { class: "card" });
  const add = () => dialog("Add device", [field("Name", { name: "title", required: true })], "Add", async ({ title: name }) => {
    const made = await api("POST", "/api/device", { name: name.value });
    go(`/devices/${made.id.id}`);
  });
  root.append(title("Devices", search, h("button", { onclick: add }, "Add device")), list);
  const ask = (page) => {
    const wanted = encodeURIComponent(search.value.trim());
    return api("GET", `/api/tenant/deviceInfos?${page}&sortProperty=createdTime&sortOrder=DESC&textSearch=${wanted}`);
  };
  const { refresh, restart } = paged(list, ask, (data) => {
    const rows = data.map((one) => h("tr", {},
      h("td", {}, time(one.createdTime)), h("td", {}, link(`/devices/${one.id.id}`, one.name)),
      h("td", {}, one.deviceProfileName), h("td", {}, one.additionalInfo.gateway ? "Yes" : ""), h("td", {}, stateOf(one.active))));
    const columns = ["Created time", "Name", "Device profile", "Gateway", "State"];
    return rows.length ? table(columns, rows, { id: "devices" }) : empty("No devices found.");
  });
  search.addEventListener("input", restart);
  return refresh;
}

// Rows are kept and only changed, so that the eye finds what is new: a changed value glows for a moment.
function valueTable(id) {
  const known = new Map();
  const body = h("tbody", {});
  const head = h("tr", {}, ["Last update time", "Key", "Value"].map((column) => h("th", { scope: "col" }, column)));
  const element = h("table", { id }, h("thead", {}, head), body);
  element.update = (entries) => {
    const keys = new Set(entries.map((entry) => entry.key));
    for (const [key, row] of known) if (!keys.has(key)) { row.remove(); known.delete(key); }
    for (const { key, ts, value } of entries.sort((a, b) => a.key.localeCompare(b.key))) {
      const [when, text] = [ts == null ? "" : time(ts), shown(value)];
      let row = known.get(key);
      const isNew = !row;
      if (isNew) {
        row = h("tr", { "data-key": key }, h("td", {}), h("td", {}, key), h("td", { class: "value" }));
        known.set(key, row);
      }
      const [first, , last] = row.children;
      if (!isNew && (first.textContent !== when || last.textContent !== text)) {
        row.classList.remove("changed");
        void row.offsetWidth;
        row.classList.add("changed");
      }
      first.textContent = when;
      last.textContent = text;
      body.append(row);
    }
  };
  return element;
}

const latest = async (id, keys) => {
  const asked = (keys || []).map((key) => `&key=${encodeURIComponent(key)}`).join("");
  const path = `/api/plugins/telemetry/DEVICE/${id}/values/timeseries?useStrictDataTypes=true${asked}`;
  return Object.entries(await api("GET", path)).map(([key, [{ ts, value }]]) => ({ key, ts, value }));
};

const TABS = [["details", "Details"], ["attributes", "Attributes"], ["telemetry", "Latest telemetry"]];

async function devicesOne(root, id) {
  const device = await api("GET", `/api/device/info/${id}`);
  const panels = Object.fromEntries(TABS.map(([name]) => [name, h("section", { class: "card", id: `panel-${name}`, role: "tabpanel" })]));
  let open = "telemetry";
  const buttons = TABS.map(([name, text]) => h("button", { role: "tab", id: `tab-${name}`, onclick: () => choose(name) }, text));
  function choose(name) {
    open = name;
    TABS.forEach(([one], index) => {
      panels[one].hidden = one !== name;
      buttons[index].setAttribute("aria-selected", String(one === name));
    });
  }
  const state = h("span", {});
  root.append(link("/devices", "← Devices"), title(device.name, state), h("div", { class: "tabs", role: "tablist" }, buttons), ...Object.values(panels));
  choose(open);
  await fillDetails(panels.details, device);
  const telemetry = valueTable("latest-telemetry");
  const attributes = valueTable("attributes");
  panels.telemetry.append(telemetry);
  panels.attributes.append(attributes);
  const none = empty("No telemetry yet.");
  panels.telemetry.append(none);
  return async () => {
    const info = await api("GET", `/api/device/info/${id}`);
    state.replaceChildren(stateOf(info.active));
    const values = await latest(id);
    none.hidden = values.length > 0;
    telemetry.hidden = !values.length;
    telemetry.update(values);
    const found = await api("GET", `/api/plugins/telemetry/DEVICE/${id}/values/attributes`);
    attributes.update(found.map(({ key, lastUpdateTs, value }) => ({ key, ts: lastUpdateTs, value })));
  };
}

async function fillDetails(panel, device) {
  const secret = await api("GET", `/api/device/${device.id.id}/credentials`);
  const facts = {
    Name: device.name, Id: device.id.id, "Device profile": device.deviceProfileName, Label: device.label || "",
    Gateway: device.additionalInfo.gateway ? "Yes" : "No", Created: time(device.createdTime), Credentials: secret.credentialsType,
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

// --- dashboards -----------------------------------------------------------------------------------------------------

async function things(root, { heading, verb, path, save, label, id, open }) {
  const list = h("div", { class: "card" });
  const add = () => dialog(verb, [field("Name", { name: "title", required: true })], verb.split(" ")[0], async ({ title: name }) => {
    const made = await api("POST", save, { [label]: name.value.trim() });
    tell(`${made[label]} was saved.`);
    if (open) go(`${open}/${made.id.id}`);
  });
  root.append(title(heading, h("button", { onclick: add }, verb)), list);
  const { refresh } = paged(list, (page) => api("GET", `${path}?${page}`), (data) => {
    const rows = data.map((one) => h("tr", {}, h("td", {}, time(one.createdTime)),
      h("td", {}, open ? link(`${open}/${one.id.id}`, one[label]) : one[label]),
      h("td", { class: "end" }, h("button", { class: "quiet", onclick: attempt(() => api("DELETE", `${save}/${one.id.id}`)) }, "Delete"))));
    return rows.length ? table(["Created time", "Name", ""], rows, { id }) : empty("None yet.");
  });
  return refresh;
}

const dashboards = (root) => things(root, {
  heading: "Dashboards", verb: "Add dashboard", path: "/api/tenant/dashboards", save: "/api/dashboard", label: "title",
  id: "dashboards", open: "/dashboards",
});

const domains = (root) => things(root, {
  heading: "Domain", verb: "Register domain", path: "/api/domain/infos", save: "/api/domain", label: "name", id: "domains",
});

async function dashboardsOne(root, id) {
  const dashboard = await api("GET", `/api/dashboard/${id}`);
  const widgets = dashboard.configuration?.widgets || [];
  const board = h("div", { class: "widgets" });
  const drawn = [];
  const save = () => api("POST", "/api/dashboard", { ...dashboard, configuration: { ...dashboard.configuration, widgets } });
  function draw(widget) {
    const values = valueTable();
    const remove = attempt(async () => {
      widgets.splice(widgets.indexOf(widget), 1);
      drawn.splice(drawn.findIndex((one) => one.widget === widget), 1);
      await save();
      card.remove();
    });
    const card = h("section", { class: "card widget", "data-device": widget.deviceName },
      h("header", {}, h("h2", {}, widget.deviceName), h("button", { class: "quiet", onclick: remove }, "Remove")), values);
    board.append(card);
    drawn.push({ widget, values });
  }
  const add = async () => {
    const names = h("datalist", { id: "device-names" });
    const propose = attempt(async (event) => { // there may be more devices than any list can show
      const wanted = encodeURIComponent(event.target.value?.trim() ?? "");
      const found = await api("GET", `/api/tenant/deviceInfos?pageSize=${PAGE_SIZE}&page=0&textSearch=${wanted}`);
      names.replaceChildren(...found.data.map((one) => h("option", { value: one.name })));
    });
    const typed = { name: "device", required: true, list: names.id, autocomplete: "off", oninput: propose, onfocus: propose };
    const fields = [field("Device", typed), names, field("Keys (comma between them; none: all)", { name: "keys" })];
    dialog("Add widget", fields, "Add", async ({ device, keys }) => {
      const wanted = keys.value.split(",").map((key) => key.trim()).filter(Boolean);
      const found = await api("GET", `/api/tenant/devices?deviceName=${encodeURIComponent(device.value.trim())}`);
      widgets.push({ deviceId: found.id.id, deviceName: found.name, keys: wanted });
      await save();
      draw(widgets.at(-1));
    });
  };
  root.append(link("/dashboards", "← Dashboards"), title(dashboard.title, h("button", { onclick: add }, "Add widget")), board);
  widgets.forEach(draw);
  return async () => {
    for (const { widget, values } of [...drawn]) {
      const found = await latest(widget.deviceId, widget.keys.length ? widget.keys : null);
      values.update(found.map((one) => (one.value === null ? { ...one, ts: null, value: "" } : one)));
    }
  };
}

async function missing(root) {
  root.append(title("There is no such page"), empty("Choose a section on the left."));
}

export const views = { login, home, devices, devicesOne, dashboards, dashboardsOne, domains, missing };

// One function for each page: it fills `root` and follows what may change there.
import { api, go, h, link, logIn, tell } from "/assets/app.js";
import { chart } from "/assets/chart.js";
import { devicesOne } from "/assets/device.js";
import { follow } from "/assets/live.js";
import { attempt, dialog, empty, entriesOf, field, firstPage, paged, stateOf, table, time, title, valueTable } from "/assets/parts.js";

const SEARCH_MS = 200;
const EVERY_DEVICE = { type: "entityType", entityType: "DEVICE" };

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
  const devices = tile("/devices", "Devices", "with their latest telemetry");
  const lists = {
    "/api/tenant/dashboards": tile("/dashboards", "Dashboards", "widgets bound to devices"),
    "/api/domain/infos": tile("/domains", "Domain", "the names of this ThingsBoard"),
  };
  root.append(title("Home"), h("p", { class: "lead" }, `Logged in as ${user.email}.`),
    h("div", { class: "tiles" }, [devices, ...Object.values(lists)].map((one) => one.card)));
  follow({ type: "ENTITY_COUNT", query: { entityFilter: EVERY_DEVICE } }, ({ count }) => { devices.count.textContent = count; });
  for (const [path, one] of Object.entries(lists)) {
    one.count.textContent = (await api("GET", `${path}?pageSize=1&page=0`)).totalElements;
  }
}

// --- devices --------------------------------------------------------------------------------------------------------

const FIELDS = ["createdTime", "name", "type", "additionalInfo"].map((key) => ({ type: "ENTITY_FIELD", key }));
const NEWEST = { key: { type: "ENTITY_FIELD", key: "createdTime" }, direction: "DESC" };

async function devices(root) {
  const search = h("input", { type: "search", placeholder: "Search by name", "aria-label": "Search by name" });
  const list = h("div", { class: "card" });
  const add = () => dialog("Add device", [field("Name", { name: "title", required: true })], "Add", async ({ title: name }) => {
    const made = await api("POST", "/api/device", { name: name.value });
    go(`/devices/${made.id.id}`);
  });
  root.append(title("Devices", search, h("button", { onclick: add }, "Add device")), list);
  const states = new Map(); // by the device's id: the cell that says whether it is active

  function draw(data) {
    states.clear();
    const rows = data.map(({ entityId, latest }) => {
      const { createdTime, name, type, additionalInfo } = latest.ENTITY_FIELD;
      const state = h("td", {}, stateOf(latest.SERVER_ATTRIBUTE.active.value === "true"));
      states.set(entityId.id, state);
      const gateway = JSON.parse(additionalInfo.value || "{}").gateway === true;
      return h("tr", {}, h("td", { class: "when" }, time(Number(createdTime.value))), h("td", {}, link(`/devices/${entityId.id}`, name.value)),
        h("td", {}, type.value), h("td", {}, gateway ? "Yes" : ""), state);
    });
    return rows.length ? table(["Created time", "Name", "Device profile", "Gateway", "State"], rows, { id: "devices" }) : empty("No devices found.");
  }

  let end = () => {};
  function ask(place, show) {
    end();
    const pageLink = { ...place, textSearch: search.value.trim(), sortOrder: NEWEST, dynamic: true };
    const query = { entityFilter: EVERY_DEVICE, pageLink, entityFields: FIELDS, latestValues: [] };
    const latestCmd = { keys: [{ type: "SERVER_ATTRIBUTE", key: "active" }] };
    end = follow({ type: "ENTITY_DATA", query, latestCmd }, (update) => {
      if (update.data) show(update.data);
      for (const { entityId, latest } of update.update || []) {
        states.get(entityId.id)?.replaceChildren(stateOf(latest.SERVER_ATTRIBUTE.active.value === "true"));
      }
    });
  }
  const { refresh, restart } = paged(list, ask, draw);
  let later = 0;
  search.addEventListener("input", (event) => { clearTimeout(later); later = setTimeout(restart, SEARCH_MS, event); });
  await refresh();
}

// --- dashboards -----------------------------------------------------------------------------------------------------

async function things(root, { heading, verb, path, save, label, id, open }) {
  const list = h("div", { class: "card" });
  const add = () => dialog(verb, [field("Name", { name: "title", required: true })], verb.split(" ")[0], async ({ title: name }) => {
    const made = await api("POST", save, { [label]: name.value.trim() });
    tell(`${made[label]} was saved.`);
    if (open) go(`${open}/${made.id.id}`);
    else await refresh();
  });
  root.append(title(heading, h("button", { onclick: add }, verb)), list);
  const ask = async ({ page, pageSize }, show) => show(await api("GET", `${path}?pageSize=${pageSize}&page=${page}`));
  const { refresh } = paged(list, ask, (data) => {
    const remove = (one) => attempt(async () => { await api("DELETE", `${save}/${one.id.id}`); await refresh(); });
    const rows = data.map((one) => h("tr", {}, h("td", { class: "when" }, time(one.createdTime)),
      h("td", {}, open ? link(`${open}/${one.id.id}`, one[label]) : one[label]),
      h("td", { class: "end" }, h("button", { class: "quiet", onclick: remove(one) }, "Delete"))));
    return rows.length ? table(["Created time", "Name", ""], rows, { id }) : empty("None yet.");
  });
  await refresh();
}

const dashboards = (root) => things(root, {
  heading: "Dashboards", verb: "Add dashboard", path: "/api/tenant/dashboards", save: "/api/dashboard", label: "title",
  id: "dashboards", open: "/dashboards",
});

const domains = (root) => things(root, {
  heading: "Domain", verb: "Register domain", path: "/api/domain/infos", save: "/api/domain", label: "name", id: "domains",
});

// A table of the latest values, or of the keys that were asked for: what has none yet stands there empty.
function valuesOf(widget) {
  const values = valueTable();
  widget.keys.forEach((key) => values.set({ key, ts: null, value: "" }));
  const keys = widget.keys.length ? { keys: widget.keys.join(",") } : {};
  values.end = follow({ type: "TIMESERIES", entityType: "DEVICE", entityId: widget.deviceId, scope: "LATEST_TELEMETRY", ...keys }, (update) => {
    entriesOf(update).forEach((entry) => values.set(entry.value === null && widget.keys.length ? { ...entry, ts: null, value: "" } : entry));
  });
  return values;
}

async function dashboardsOne(root, id) {
  const dashboard = await api("GET", `/api/dashboard/${id}`);
  const widgets = dashboard.configuration?.widgets || [];
  const board = h("div", { class: "widgets" });
  const save = () => api("POST", "/api/dashboard", { ...dashboard, configuration: { ...dashboard.configuration, widgets } });
  function draw(widget) {
    const isChart = widget.type === "chart";
    const content = isChart ? chart({ id: widget.deviceId, name: widget.deviceName }, widget.keys, widget.minutes || 60) : valuesOf(widget);
    const remove = attempt(async () => {
      widgets.splice(widgets.indexOf(widget), 1);
      await save();
      content.end();
      card.remove();
    });
    const card = h("section", { class: isChart ? "card widget wide" : "card widget", "data-device": widget.deviceName },
      h("header", {}, h("h2", {}, widget.deviceName), h("button", { class: "quiet", onclick: remove }, "Remove")), content);
    board.append(card);
  }
  const add = async () => {
    const names = h("datalist", { id: "device-names" });
    const propose = attempt(async (event) => { // there may be more devices than any list can show
      const wanted = encodeURIComponent(event.target.value?.trim() ?? "");
      const found = await api("GET", `/api/tenant/deviceInfos?${firstPage}&textSearch=${wanted}`);
      names.replaceChildren(...found.data.map((one) => h("option", { value: one.name })));
    });
    const typed = { name: "device", required: true, list: names.id, autocomplete: "off", oninput: propose, onfocus: propose };
    const kind = h("select", { name: "kind" }, h("option", { value: "table" }, "Latest values"), h("option", { value: "chart" }, "Line over time"));
    const fields = [field("Device", typed), names, h("label", {}, "Widget", kind),
      field("Keys (comma between them; a table without any shows all)", { name: "keys" }),
      field("Minutes (of a line over time)", { name: "minutes", type: "number", min: 1, max: 525600, value: 60 })];
    dialog("Add widget", fields, "Add", async ({ device, kind: type, keys, minutes }) => {
      const wanted = keys.value.split(",").map((key) => key.trim()).filter(Boolean);
      if (type.value === "chart" && !wanted.length) throw new Error("A line over time needs at least one key.");
      const found = await api("GET", `/api/tenant/devices?deviceName=${encodeURIComponent(device.value.trim())}`);
      const more = type.value === "chart" ? { type: "chart", minutes: Number(minutes.value) } : {};
      widgets.push({ deviceId: found.id.id, deviceName: found.name, keys: wanted, ...more });
      await save();
      draw(widgets.at(-1));
    });
  };
  root.append(link("/dashboards", "← Dashboards"), title(dashboard.title, h("button", { onclick: add }, "Add widget")), board);
  widgets.forEach(draw);
}

async function missing(root) {
  root.append(title("There is no such page"), empty("Choose a section on the left."));
}

export const views = { login, home, devices, devicesOne, dashboards, dashboardsOne, domains, missing };

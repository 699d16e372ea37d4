// The parts that several pages are made of: times, tables, dialogs, and the table of values that glow when they change.
import { h, tell } from "/assets/app.js";

const PAGE_SIZE = 50;
export const firstPage = `pageSize=${PAGE_SIZE}&page=0`;
const LAST_YEAR = 9999;

// Times are ms since 1970. What lies beyond the calendar is shown as the number that it is: often it is µs or ns.
export function time(ms) {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime()) || at.getFullYear() > LAST_YEAR || at.getFullYear() < 0) return `${ms} (no time in ms)`;
  const two = (number) => String(number).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export const shown = (value) => (value !== null && typeof value === "object" ? JSON.stringify(value) : String(value));
export const title = (text, ...actions) => h("header", { class: "title" }, h("h1", {}, text), h("div", { class: "actions" }, actions));
export const empty = (text) => h("p", { class: "empty" }, text);
export const field = (label, attributes) => h("label", {}, label, h("input", attributes));
export const stateOf = (active) => h("span", { class: active ? "state active" : "state" }, active ? "Active" : "Inactive");

export function table(columns, rows, attributes = {}) {
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)));
  return h("div", { class: "scroll" }, h("table", attributes, h("thead", {}, head), h("tbody", {}, rows)));
}

export function attempt(work) {
  return async (event) => {
    event.preventDefault();
    try { await work(event); } catch (error) { tell(error.message, true); }
  };
}

export function dialog(heading, fields, verb, work) {
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

// Fills `list` with one page of what `ask({ page, pageSize }, show)` finds, and goes to another one when it is asked to. `show`
// may be called again when the page changes by itself. An answer that another question has overtaken is dropped; a page that is
// no longer there gives way to the last one.
export function paged(list, ask, draw) {
  let [page, asked] = [0, 0];
  const range = h("span", { class: "range" });
  const turn = (step) => attempt(() => { page = Math.max(0, page + step); return refresh(); });
  const previous = h("button", { class: "quiet", type: "button", onclick: turn(-1) }, "Previous");
  const next = h("button", { class: "quiet", type: "button", onclick: turn(1) }, "Next");
  const nav = h("div", { class: "pager", role: "navigation", "aria-label": "Pages", hidden: true }, range, previous, next);
  const rows = h("div", {}, empty("…"));
  list.append(rows, nav);

  function show(found) {
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

  async function refresh() {
    const mine = (asked += 1);
    await ask({ page, pageSize: PAGE_SIZE }, (found) => (mine === asked ? show(found) : undefined));
  }
  return { refresh, restart: attempt(() => { page = 0; return refresh(); }) };
}

// Rows are kept and only changed, so that the eye finds what is new: a changed value glows for a moment.
export function valueTable({ id, scopes = false, actions = null } = {}) {
  const known = new Map();
  const body = h("tbody", {});
  const columns = ["Last update time", ...(scopes ? ["Scope"] : []), "Key", "Value", ...(actions ? [""] : [])];
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)));
  const element = h("table", { id, class: "values" }, h("thead", {}, head), body);

  function rowOf(entry) {
    const cells = [h("td", { class: "when" }), ...(scopes ? [h("td", { class: "scope" }, entry.scope)] : []), h("td", { class: "key" }, entry.key), h("td", { class: "value" })];
    if (actions) cells.push(h("td", { class: "end" }, actions(entry)));
    return h("tr", { "data-key": entry.key, "data-scope": entry.scope }, cells);
  }

  // Without a value an entry is gone.
  element.set = (entry) => {
    const name = `${entry.scope || ""}/${entry.key}`;
    let row = known.get(name);
    if (entry.value === null) {
      row?.remove();
      known.delete(name);
      return;
    }
    const isNew = !row;
    if (isNew) {
      row = rowOf(entry);
      known.set(name, row);
      const after = [...known.keys()].sort().find((other) => other > name && known.get(other).isConnected);
      body.insertBefore(row, after ? known.get(after) : null);
    }
    const [when, value] = [row.querySelector(".when"), row.querySelector(".value")];
    const texts = [entry.ts ? time(entry.ts) : "", shown(entry.value)];
    if (!isNew && (when.textContent !== texts[0] || value.textContent !== texts[1])) {
      row.classList.remove("changed");
      void row.offsetWidth;
      row.classList.add("changed");
    }
    [when.textContent, value.textContent] = texts;
  };
  element.count = () => known.size;
  return element;
}

// What an update of TIMESERIES or ATTRIBUTES says, key by key; a deleted key has the time 0.
export function entriesOf(update) {
  if (update.errorCode) {
    tell(update.errorMsg, true);
    return [];
  }
  return Object.entries(update.data || {}).map(([key, pairs]) => {
    const [ts, value] = pairs[0];
    return { key, ts, value: ts === 0 && value === "" ? null : value };
  });
}

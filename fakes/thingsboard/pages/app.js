// The frame of the pages: the REST client, the way from an address to a view, and leaving it.
import { hangUp, leave } from "/assets/live.js";
import { views } from "/assets/views.js";

const app = document.getElementById("app");
const notice = document.getElementById("notice");
let turn = 0; // rises with each navigation, so that answers for an older page are dropped

// --- making elements ------------------------------------------------------------------------------------------------

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}

export function tell(text, bad = false) {
  notice.textContent = text;
  notice.className = bad ? "bad" : "";
  notice.hidden = false;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { notice.hidden = true; }, 4000);
}

// --- REST -----------------------------------------------------------------------------------------------------------

const stored = {
  get access() { return localStorage.getItem("jwt_token"); },
  get refresh() { return localStorage.getItem("refresh_token"); },
  set({ token, refreshToken }) {
    localStorage.setItem("jwt_token", token);
    localStorage.setItem("refresh_token", refreshToken);
  },
  clear() { localStorage.clear(); },
};

async function send(method, path, body, token) {
  const headers = {};
  if (token) headers["X-Authorization"] = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(path, { method, headers, body: body === undefined || typeof body === "string" ? body : JSON.stringify(body) });
}

async function renew() {
  if (!stored.refresh) return false;
  const answer = await send("POST", "/api/auth/token", { refreshToken: stored.refresh });
  if (answer.ok) stored.set(await answer.json());
  return answer.ok;
}

export async function api(method, path, body) {
  let answer = await send(method, path, body, stored.access);
  if (answer.status === 401 && (await renew())) answer = await send(method, path, body, stored.access);
  const text = await answer.text();
  let value = text;
  try { value = JSON.parse(text); } catch { /* some answers are plain text */ }
  if (answer.status === 401) {
    stored.clear();
    go("/login");
  }
  if (!answer.ok) throw new Error((value && value.message) || value || `status ${answer.status}`);
  return value;
}

export async function logIn(username, password) {
  const answer = await send("POST", "/api/auth/login", { username, password });
  const value = await answer.json();
  if (!answer.ok) throw new Error(value.message);
  stored.set(value);
  go("/home");
}

function logOut() {
  send("POST", "/api/auth/logout", undefined, stored.access);
  stored.clear();
  hangUp();
  go("/login");
}

// --- places ---------------------------------------------------------------------------------------------------------

const SECTIONS = [["/home", "Home"], ["/devices", "Devices"], ["/dashboards", "Dashboards"], ["/domains", "Domain"]];

export function link(path, ...children) {
  const follow = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(path);
  };
  return h("a", { href: path, onclick: follow }, ...children);
}

export function go(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  show();
}

function frame(content, section) {
  const entries = SECTIONS.map(([path, name]) => {
    const entry = link(path, name);
    if (path === section) entry.setAttribute("aria-current", "page");
    return entry;
  });
  const nav = h("nav", { "aria-label": "Sections" },
    h("div", { class: "brand" }, h("span", { class: "mark" }, "tb"), h("span", {}, "ThingsBoard", h("small", {}, "fake"))),
    entries,
    h("button", { class: "quiet", id: "logout", onclick: logOut }, "Log out"));
  return [nav, h("main", {}, h("p", { class: "lost", role: "status" }, "The connection is lost; what is shown may be old."), content)];
}

async function show() {
  const mine = (turn += 1);
  const current = () => mine === turn;
  leave();
  const [, name = "home", id] = location.pathname.replace("/entities/", "/").split("/");
  if (name === "login" || !stored.access) {
    if (name !== "login") history.replaceState(null, "", "/login");
    app.className = "alone";
    app.replaceChildren(...views.login());
    return;
  }
  const section = name === "" ? "home" : name;
  const view = (id ? views[`${section}One`] : views[section]) || views.missing;
  const content = h("div", {});
  app.className = "framed";
  app.replaceChildren(...frame(content, `/${section}`));
  await view(content, id && decodeURIComponent(id), current).catch((error) => { if (current()) tell(error.message, true); });
}

window.addEventListener("popstate", show);
// views.js uses the functions above; it has run by now, but only declares.
queueMicrotask(show);

"use strict";
const list = document.getElementById("requests");
const live = document.getElementById("live");
const empty = document.getElementById("empty");
const kept = document.getElementById("kept");
const note = document.getElementById("note");
const limit = Number(list.dataset.limit);

function several(count, unit) {
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

function ago(seconds) {
  if (seconds < 0) return "just now";
  if (seconds < 45) return "a few seconds ago";
  const minutes = Math.max(1, Math.round(seconds / 60));
  return minutes < 60 ? several(minutes, "minute") : several(Math.round(minutes / 60), "hour");
}

function tellAges() {
  for (const time of list.querySelectorAll("time")) {
    time.textContent = ago((Date.now() - Date.parse(time.dateTime)) / 1000);
  }
}

function show(count, text) {
  kept.textContent = count;
  note.textContent = text;
  empty.hidden = list.childElementCount > 0;
}

const events = new EventSource(`${list.dataset.path}?after=${list.dataset.newest}`);
events.onopen = () => {
  live.className = "live open";
  live.textContent = "live";
};
events.onerror = () => {
  live.className = "live lost";
  live.textContent = "connection lost, trying again";
};
events.onmessage = (message) => {
  const news = JSON.parse(message.data);
  list.insertAdjacentHTML("afterbegin", news.html);
  list.firstElementChild.classList.add("fresh");
  while (list.childElementCount > limit) list.lastElementChild.remove();
  show(news.kept, news.note);
};
events.addEventListener("emptied", () => {
  list.replaceChildren();
  show(0, "");
});
setInterval(tellAges, 10000);

list.addEventListener("click", async (click) => {
  const button = click.target.closest("button[data-show]");
  if (!button) return;
  const panel = button.closest(".panel");
  const pre = panel.querySelector("pre");
  if (pre.pretty === undefined) pre.pretty = pre.textContent;
  if (button.dataset.show === "raw" && pre.raw === undefined) {
    const answer = await fetch(pre.dataset.raw);
    pre.raw = answer.ok ? await answer.text() : "These bytes are no longer kept.";
  }
  pre.textContent = button.dataset.show === "raw" ? pre.raw : pre.pretty;
  for (const other of panel.querySelectorAll("button[data-show]")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
});

document.getElementById("delete").addEventListener("click", () => {
  if (confirm("Delete all requests of this bin?")) fetch(list.dataset.path, { method: "DELETE" });
});

document.getElementById("copy").addEventListener("click", async (click) => {
  try {
    await navigator.clipboard.writeText(document.getElementById("url").textContent);
    click.target.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(document.getElementById("url"));
  }
});

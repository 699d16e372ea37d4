"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  // A link may point into something folded: unfold what surrounds its target.
  const reveal = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let node = target; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
    target.scrollIntoView();
  };

  // Beside the rows of a way stands what crossed the wire at the one that is chosen.
  const choose = (row) => {
    const desk = row.closest(".desk");
    const pane = desk.querySelector(".pane");
    for (const one of all("tr.chosen", desk)) one.classList.remove("chosen");
    row.classList.add("chosen");
    pane.replaceChildren();
    const title = document.createElement("h5");
    const [ms, where] = [row.cells[0], row.cells[1]].map((cell) => cell.textContent.trim());
    title.textContent = ms ? `${ms} ms, ${where}` : where;
    const text = row.querySelector("pre");
    const body = document.createElement(text ? "pre" : "p");
    body.textContent = text ? text.textContent : row.cells[2].textContent.trim();
    pane.append(title, body);
    const card = desk.closest("article");
    for (const one of all(".film a", card)) one.classList.toggle("chosen", one.getAttribute("href") === `#${row.id}`);
  };
  for (const desk of all(".desk")) {
    const pane = document.createElement("aside");
    pane.className = "pane";
    pane.setAttribute("aria-live", "polite");
    pane.setAttribute("aria-label", "What crossed the wire at the chosen hop");
    desk.append(pane);
    const rows = all("tr[id]", desk);
    for (const row of rows) row.tabIndex = 0;
    desk.addEventListener("click", (event) => {
      const row = event.target.closest("tr[id]");
      if (row) choose(row);
    });
    desk.addEventListener("keydown", (event) => {
      const at = rows.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (at < 0 || !step || !rows[at + step]) return;
      event.preventDefault();
      rows[at + step].focus();
      choose(rows[at + step]);
    });
    // What came, or did not, where the way diverged.
    const here = rows.findIndex((row) => row.classList.contains("here"));
    const first = rows.slice(Math.max(here, 0)).find((row) => row.querySelector("pre")) || rows[here];
    if (first) choose(first);
  }
  const arrive = () => {
    reveal();
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row && row.matches(".desk tr")) choose(row);
  };
  addEventListener("hashchange", arrive);
  arrive();

  // What is searched and filtered stands in the address, so that a link shows the same: #?scenario=header&verdict=v-failed
  const asked = new URLSearchParams(location.hash.startsWith("#?") ? location.hash.slice(2) : "");
  const note = (name, value) => {
    if (value) asked.set(name, value);
    else asked.delete(name);
    const text = asked.toString();
    history.replaceState(null, "", text ? `#?${text}` : location.href.split("#")[0]);
  };
  for (const choice of all("input[name=verdict]")) {
    choice.addEventListener("change", () => note("verdict", choice.id === "v-all" ? "" : choice.id));
  }
  const verdict = document.getElementById(asked.get("verdict") || "v-all");
  if (verdict && verdict.name === "verdict") verdict.checked = true;

  // Search: hides what does not hold every word.
  for (const box of all("input[data-search]")) {
    const items = all(box.dataset.search);
    const texts = items.map((item) => (item.dataset.text || item.textContent).toLowerCase());
    const told = document.getElementById(box.dataset.note);
    const name = box.id.replace("find-", "");
    const search = () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      items.forEach((item, index) => {
        const hit = words.every((word) => texts[index].includes(word));
        item.hidden = !hit;
        shown += hit;
      });
      told.textContent = words.length ? `${shown} of ${items.length} match` : "";
    };
    box.addEventListener("input", () => {
      search();
      note(name, box.value.trim());
    });
    if (asked.has(name)) {
      box.value = asked.get(name);
      search();
      box.scrollIntoView();
    }
  }

  for (const button of all("button[data-fold]")) {
    button.addEventListener("click", () => {
      const open = button.dataset.open === "1";
      for (const details of all(button.dataset.fold)) details.open = open;
    });
  }

  for (const button of all("button[data-copy]")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
  }
})();

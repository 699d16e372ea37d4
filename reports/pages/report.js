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
  addEventListener("hashchange", reveal);
  reveal();

  // Search: hides what does not hold every word.
  for (const box of all("input[data-search]")) {
    const items = all(box.dataset.search);
    const texts = items.map((item) => (item.dataset.text || item.textContent).toLowerCase());
    const note = document.getElementById(box.dataset.note);
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      items.forEach((item, index) => {
        const hit = words.every((word) => texts[index].includes(word));
        item.hidden = !hit;
        shown += hit;
      });
      note.textContent = words.length ? `${shown} of ${items.length} match` : "";
    });
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

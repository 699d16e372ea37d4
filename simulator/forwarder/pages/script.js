"use strict";
// What the pages do beyond links and forms. Creating works without it; editing and binding need it. It is loaded before
// the page's body and listens to the whole document: there is no moment at which a button can be clicked in vain.

const byId = (id) => document.getElementById(id);

// A notification is told once: reloading the page must not repeat it. Put in anew, it is read out by screen readers.
document.addEventListener("DOMContentLoaded", () => {
  if (!new URLSearchParams(location.search).has("done")) return;
  history.replaceState(null, "", location.pathname);
  const notice = document.querySelector(".notice");
  if (notice) {
    const region = notice.parentElement;
    notice.remove();
    requestAnimationFrame(() => region.append(notice));
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("dismiss" in button.dataset) button.closest(".notice").remove();
  if ("addRow" in button.dataset) addRow(button);
  if ("removeRow" in button.dataset) removeRow(button);
  if (button.dataset.open) swap(button);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.target.closest("dialog")) return;
  event.target.closest("form.change")?.querySelector("[data-reset]").click();
});

function addRow(button) {
  const template = button.parentElement.querySelector("template");
  const row = template.content.firstElementChild.cloneNode(true);
  template.before(row);
  row.querySelector("input").focus();
}

function removeRow(button) {
  const rows = button.closest(".header-rows");
  button.closest(".header-row").remove();
  rows.querySelector("[data-add-row]").focus();
}

// Shows one part in the place of another: the form in that of the stored value, and back.
function swap(button) {
  const opened = byId(button.dataset.open), closed = byId(button.dataset.close);
  if ("reset" in button.dataset) {
    closed.reset();
    tell(closed, null, "");
  }
  closed.hidden = true;
  opened.hidden = false;
  const first = opened.querySelector("input:not([type=hidden]), textarea, select, button");
  first?.focus();
  first?.select?.();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  event.preventDefault();
  const confirmation = form.dataset.confirm ? byId(form.dataset.confirm) : null;
  if (!confirmation) return send(form);
  confirmation.returnValue = "";
  confirmation.onclose = () => {
    if (confirmation.returnValue === "proceed") send(form);
  };
  confirmation.showModal();
});

// Sends a form and stays on the page when it is refused, so that nothing that was typed is lost.
async function send(form) {
  form.inert = true;
  tell(form, null, "");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    if (answer.redirected) return location.assign(answer.url);
    tell(form, new DOMParser().parseFromString(await answer.text(), "text/html"), "This could not be done.");
  } catch {
    tell(form, null, "The forwarder does not answer; nothing is known to have changed.");
  }
  form.inert = false;
  form.querySelector("[aria-invalid=true]")?.focus();
}

// Takes over what the answer says is wrong, field by field; `otherwise` is said where it names no field.
function tell(form, answer, otherwise) {
  let said = false;
  for (const field of form.querySelectorAll("[data-field]")) {
    const error = field.querySelector(".error"), found = answer?.getElementById(error.id);
    error.textContent = found?.textContent ?? "";
    const at = found?.dataset.at ?? "";
    said ||= error.textContent !== "";
    for (const input of field.querySelectorAll("input, textarea, select")) {
      const row = input.closest(".header-row");
      const wrong = error.textContent !== "" && (!row || !at || row.querySelector("input").value === at);
      if (wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
  const overall = document.querySelector("[data-overall]");
  if (overall) overall.textContent = said ? "" : answer?.querySelector("[data-overall]")?.textContent || otherwise;
}

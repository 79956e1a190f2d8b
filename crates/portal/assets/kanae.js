// Shows the answer to a form without loading the whole page again. Without this file everything works
// with the form's button: a form marked with data-live asks by GET, and its address holds every setting.
// Replaced are the parts of the page marked with data-fresh, by their ids; data-live names the one that
// holds the answer. What changed is said to screen readers by the text marked with data-told.
"use strict";

let asked = 0;

// A region that is there before anything is said in it; only then is it read out.
const voice = document.createElement("p");
voice.className = "only-read";
voice.setAttribute("role", "status");
document.querySelector("main").append(voice);

/** Shows beside each field what is wrong with it, or that nothing is any more. */
function mark(form, fresh) {
  for (const control of form.querySelectorAll("[id][name]")) {
    const same = fresh.getElementById(control.id);
    const field = control.closest(".field");
    if (!same || !field) continue;
    const wrong = same.closest(".field");
    field.classList.toggle("wrong", wrong.classList.contains("wrong"));
    field.querySelector(":scope > .error")?.remove();
    const error = wrong.querySelector(":scope > .error");
    if (error) control.before(error);
    for (const name of ["aria-invalid", "aria-describedby"]) {
      if (same.hasAttribute(name)) control.setAttribute(name, same.getAttribute(name));
      else control.removeAttribute(name);
    }
  }
}

async function answer(form) {
  const number = (asked += 1);
  const address = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    if (value !== "") address.searchParams.append(name, value);
  }
  const part = document.getElementById(form.dataset.live);
  part.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (number !== asked) return; // a later question is on its way
    const fresh = page.getElementById(form.dataset.live);
    if (!fresh) throw new Error("no answer");
    // The page may know a shorter address for the same question.
    const shorter = response.ok && fresh.dataset.address;
    mark(form, page);
    const told = page.querySelector("[data-told]")?.textContent ?? "";
    for (const old of document.querySelectorAll("[data-fresh][id]")) {
      old.replaceChildren(...(page.getElementById(old.id)?.childNodes ?? []));
    }
    history.replaceState(null, "", shorter || address);
    part.removeAttribute("aria-busy");
    voice.textContent = told; // what is wrong is an alert, and read out as that
  } catch {
    if (number === asked) form.submit(); // the plain way
  }
}

let waiting;
document.addEventListener("change", event => {
  const form = event.target.form;
  if (!form?.dataset.live) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => answer(form), 150);
});
document.addEventListener("submit", event => {
  const form = event.target;
  if (!form.dataset.live) return;
  event.preventDefault();
  clearTimeout(waiting);
  answer(form);
});

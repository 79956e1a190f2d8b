// Shows the answer to a form without loading the whole page again. Without this file everything works
// with the form's button: a form marked with data-live asks by GET, and its address holds every setting.
// The part of the page that is replaced is the element whose id data-live names.
"use strict";

let asked = 0;

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
    part.replaceChildren(...fresh.childNodes);
    // The page may know a shorter address for the same question.
    history.replaceState(null, "", (response.ok && fresh.dataset.address) || address);
    for (const link of document.querySelectorAll(".languages a")) {
      link.href = page.querySelector(".languages a").href;
    }
    part.removeAttribute("aria-busy");
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

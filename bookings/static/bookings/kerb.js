// At the kerb: a photo leaves as soon as it is taken, a tap on the drawing opens the damage's form.
// Without this file a button sends each photo, and the form is opened by hand.
"use strict";

for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches?.("input[data-photo]") || !input.files.length) return;
  input.closest("label").toggleAttribute("data-sending", true);
  // remise.js is making the picture smaller; it sends the form when that is done.
  input.form.requestSubmit();
});
window.addEventListener("pageshow", () => {
  for (const label of document.querySelectorAll("[data-sending]")) label.removeAttribute("data-sending");
});

document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-silhouette] [data-zone]")) return;
  const form = document.querySelector("[data-add-damage]");
  if (!form) return;
  form.open = true;
  form.scrollIntoView({ block: "nearest" });
});

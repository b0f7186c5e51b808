// Small comforts. Every page works without this file.
"use strict";

// --- one click, one submission ---------------------------------------------------------------
// The server knows a repeated submission by its one-time key; this spares the wait and the doubt.
// An answer may be a file, which leaves the page as it is: the button comes back after a while.
const AGAIN_AFTER = 8000;
const sent = new WeakMap();

function release(form) {
  clearTimeout(sent.get(form));
  sent.delete(form);
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const button = event.submitter;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (sent.has(form)) return event.preventDefault();
  if (mustWait(event) || mustConfirm(event)) return;
  sent.set(form, setTimeout(release, AGAIN_AFTER, form));
  // Once the form's data is gathered: a disabled button would not be sent with it.
  setTimeout(() => {
    if (!button || !sent.has(form)) return;
    button.setAttribute("aria-busy", "true");
    button.disabled = true;
  });
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form");
  if (form) release(form);
});

// --- « Êtes-vous sûr ? »: data-confirm on a form or on its button ------------------------------
const confirmed = new WeakSet();

function mustConfirm(event) {
  const form = event.target;
  const button = event.submitter;
  const question = button?.dataset.confirm ?? form.dataset.confirm;
  if (!question || confirmed.delete(form)) return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(question, button?.textContent.trim() || "Oui").then((yes) => {
    if (!yes) return button?.focus();
    confirmed.add(form);
    form.requestSubmit(button);
  });
  return true;
}

function ask(question, yes) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  const words = document.createElement("p");
  words.id = "question";
  words.textContent = question;
  const answers = document.createElement("form");
  answers.method = "dialog";
  answers.className = "buttons";
  for (const [value, label, look] of [["yes", yes, "btn btn-danger"], ["no", "Revenir", "btn"]]) {
    const button = document.createElement("button");
    Object.assign(button, { value, className: look, textContent: label });
    answers.append(button);
  }
  dialog.append(words, answers);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      answer(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}

// --- photos: shown before they leave, made smaller for a slow network ---------------------------
// <input type="file" data-preview data-resize="1600">: the longest side in pixels.
const preparing = new WeakMap();

function mustWait(event) {
  const work = preparing.get(event.target);
  if (!work) return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target: form, submitter } = event;
  work.finally(() => form.requestSubmit(submitter));
  return true;
}

document.addEventListener("change", (event) => {
  const input = event.target;
  if (input.matches?.("[data-submit-on-change]")) input.form.requestSubmit();
  if (!input.matches?.('input[type="file"][data-preview], input[type="file"][data-resize]') || !input.form) return;
  const work = prepare(input).finally(() => preparing.delete(input.form));
  preparing.set(input.form, work);
});

async function prepare(input) {
  const most = Number(input.dataset.resize) || 0;
  const files = new DataTransfer();
  const pictures = [];
  for (const file of input.files) {
    const small = file.type.startsWith("image/") ? await shrink(file, most || 1600).catch(() => null) : null;
    files.items.add(most && small && small.file.size < file.size ? small.file : file);
    if (small) pictures.push(small.picture);
  }
  if (most) input.files = files.files;
  if ("preview" in input.dataset) show(input, pictures);
}

async function shrink(file, most) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, most / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  const name = file.name.replace(/\.\w+$/, "") + ".jpg";
  const thumbnail = document.createElement("canvas");
  const side = 192;
  thumbnail.width = thumbnail.height = side;
  const cover = Math.max(side / canvas.width, side / canvas.height);
  const [width, height] = [canvas.width * cover, canvas.height * cover];
  thumbnail.getContext("2d").drawImage(canvas, (side - width) / 2, (side - height) / 2, width, height);
  return { file: new File([blob], name, { type: "image/jpeg" }), picture: thumbnail.toDataURL("image/jpeg", 0.7) };
}

function show(input, pictures) {
  let place = input.parentElement.querySelector(".preview");
  if (!place) {
    place = document.createElement("div");
    place.className = "preview";
    input.after(place);
  }
  place.replaceChildren(
    ...pictures.map((source, index) => Object.assign(new Image(), { src: source, alt: `Photo ${index + 1}` })),
  );
}

// --- keyboard ------------------------------------------------------------------------------------
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
  const wanted = (event.key === "/" && !typing) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey));
  const search = wanted && document.querySelector("[data-search]");
  if (search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") closeMenus();
  if (event.key === "ArrowDown" || event.key === "ArrowUp") walk(event);
});

// Up and down go from the search box through what it found, and back.
function walk(event) {
  const box = event.target.closest?.("form.search");
  const stops = box ? [...box.querySelectorAll("[data-search], .search-panel a")] : [];
  const next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
document.addEventListener("click", (event) => {
  closeMenus(event.target.closest?.("details.menu"));
  if (event.target.closest?.("[data-print]")) window.print();
});

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu === except) continue;
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    menu.open = false;
  }
}

// --- what is wrong is read first -----------------------------------------------------------------
const readErrors = (where) => where.querySelector(".errors-summary")?.focus();
readErrors(document);
document.addEventListener("htmx:afterSettle", (event) => readErrors(event.target));

// --- a dead network gets a sentence --------------------------------------------------------------
for (const failure of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(failure, () => {
    const place = document.querySelector("#messages");
    if (!place) return;
    const notice = document.createElement("div");
    notice.className = "notice now";
    notice.textContent = "Le serveur n’a pas répondu comme prévu. Rechargez la page pour voir ce qui est enregistré.";
    place.replaceChildren(notice);
    place.scrollIntoView({ block: "nearest" });
  });
}

// --- the tab where one is, when the row of tabs is wider than the telephone ----------------------
for (const tab of document.querySelectorAll(".nav-tabs [aria-current]")) {
  tab.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
}

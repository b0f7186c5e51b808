// The planning, by mouse, finger and keyboard. Without this file its links, and « Réserver », do all of it.
"use strict";

const board = document.querySelector(".board");
const beside = document.querySelector("#beside");
const said = document.querySelector(".board-said");
const columns = Number(board?.dataset.columns);
const parts = Number(board?.dataset.parts);
const minutes = 1440 / parts; // that a column lasts on the wall
const unit = minutes < 720 ? 1 : parts; // columns by which a loan moves: its hours stay where a column is half a day

// --- wall-clock times: "2026-03-02T09:00", reckoned as if the wall knew no clock change ---------

const shifted = (wall, steps) => {
  const moved = new Date(`${wall}:00Z`);
  moved.setUTCMinutes(moved.getUTCMinutes() + steps * minutes);
  return moved.toISOString().slice(0, 16);
};
const spoken = (wall) =>
  new Intl.DateTimeFormat("fr-FR", { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", timeZone: "UTC" }).format(new Date(`${wall}:00Z`)).replace(":", " h ");
const columnAt = (lane, x) => {
  const track = lane.querySelector(".track").getBoundingClientRect();
  return Math.min(columns - 1, Math.max(0, Math.floor(((x - track.left) / track.width) * columns)));
};

// --- beside the board: a loan, or the page of a change ------------------------------------------

async function openBeside(url, sent) {
  const answer = await fetch(url, sent);
  if (sent?.body && answer.redirected) return location.reload();
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = read.querySelector("main");
  const heading = main?.querySelector("h1")?.textContent.trim();
  beside.replaceChildren(...(main ?? read.body).children);
  beside.querySelector(".page-head")?.remove();
  if (heading) beside.prepend(Object.assign(document.createElement("h2"), { textContent: heading, className: "h5" }));
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm close", textContent: "Fermer" });
  close.addEventListener("click", closeBeside);
  beside.prepend(close);
  beside.hidden = false;
  keepInSight(change?.bar ?? board.querySelector(`[data-beside="${url}"]`)?.closest(".bar"));
  beside.dataset.url = url;
  window.htmx?.process(beside);
  beside.focus({ preventScroll: innerWidth > 1100 });
  return undefined;
}

function closeBeside() {
  beside.hidden = true;
  keepInSight(null);
  beside.replaceChildren();
  forget();
  board.focus({ preventScroll: true });
}

beside?.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  event.preventDefault();
  openBeside(form.getAttribute("action") || beside.dataset.url, { method: "POST", body: new FormData(form, event.submitter) });
});

// The board is narrower with something beside it: it shows today and the opened bar, or at least the bar.
function keepInSight(bar) {
  for (const one of board.querySelectorAll(".bar.opened")) one.classList.remove("opened");
  bar?.classList.add("opened");
  const box = board.getBoundingClientRect();
  const names = board.querySelector(".name").offsetWidth;
  const shown = (one, scroll) => {
    const { left, right } = one.getBoundingClientRect();
    const by = scroll - board.scrollLeft;
    return Math.min(right - by, box.right) - Math.max(left - by, box.left + names);
  };
  const at = (one, share) => board.scrollLeft + one.getBoundingClientRect().left - box.left - names - (box.width - names) * share;
  const today = board.querySelector(".today");
  const scrolls = [board.scrollLeft, ...(today ? [at(today, 0.3), at(today, 0.8)] : [])];
  const both = (scroll) => [bar, today].every((one) => !one || shown(one, scroll) >= Math.min(one.offsetWidth, 64));
  const found = scrolls.find(both);
  if (found !== undefined) board.scrollLeft = found;
  else if (bar && shown(bar, board.scrollLeft) < 64) board.scrollLeft = at(bar, 0.05);
}

// --- a change that is being made: how many columns the start and the end move, and to whose lane -

let change = null; // { bar, lane, start, end, ghost }

function begin(bar) {
  forget();
  const ghost = bar.cloneNode(true);
  ghost.classList.add("ghost");
  ghost.setAttribute("aria-hidden", "true");
  ghost.querySelector("a")?.removeAttribute("href");
  const [first, last] = ["c", "s"].map((kind) => Number([...bar.classList].find((name) => new RegExp(`^${kind}\\d+$`).test(name)).slice(1)));
  change = { bar, ghost, first, span: last, start: 0, end: 0, lane: bar.closest("[data-vehicle]") };
}

function draw() {
  const { ghost, lane, first, span, start, end, bar } = change;
  const from = Math.max(first + start, 1);
  const until = Math.max(Math.min(first + span + end, columns + 1), from + 1);
  ghost.style.gridColumn = `${Math.min(from, columns)} / ${until}`;
  lane.querySelector(".track").append(ghost);
  document.querySelectorAll(".lane.target").forEach((one) => one.classList.remove("target"));
  if (lane !== bar.closest("[data-vehicle]")) lane.classList.add("target");
  const { starts, ends } = bar.dataset;
  said.textContent = `${lane.dataset.name} : du ${spoken(shifted(starts, start))} au ${spoken(shifted(ends, end))}`;
}

function forget() {
  change?.ghost.remove();
  document.querySelectorAll(".lane.target").forEach((one) => one.classList.remove("target"));
  change = null;
}

function propose() {
  const { bar, lane, start, end } = change;
  const { loan, starts, ends } = bar.dataset;
  const elsewhere = lane !== bar.closest("[data-vehicle]");
  if (!start && !end && !elsewhere) return forget();
  const page = board.dataset.change.replace("/0/", `/${loan}/`);
  const wish = new URLSearchParams();
  let verb = "deplacer/";
  if (elsewhere) wish.set("vehicle", lane.dataset.vehicle);
  if (bar.hasAttribute("data-move")) {
    wish.set("starts_at", shifted(starts, start));
    wish.set("ends_at", shifted(ends, end));
  } else if (elsewhere) {
    verb = "autre-vehicule/";
  } else {
    verb = end > 0 ? "prolonger/" : "raccourcir/";
    wish.set("until", shifted(ends, end));
  }
  return openBeside(`${page}${verb}?${wish}`);
}

// --- mouse and finger -----------------------------------------------------------------------------

board?.addEventListener("pointerdown", (event) => {
  const bar = event.target.closest("[data-loan]");
  if (!bar || event.button || !(bar.hasAttribute("data-move") || bar.hasAttribute("data-resize"))) return;
  const box = bar.getBoundingClientRect();
  const atEnd = bar.hasAttribute("data-resize") && !bar.classList.contains("goes-on") && box.right - event.clientX < 12;
  if (!atEnd && event.pointerType === "touch") return; // a finger scrolls; it drags ends only
  const from = { x: event.clientX, y: event.clientY, column: columnAt(bar.closest(".lane"), event.clientX) };
  let dragging = false;

  const move = (now) => {
    if (!dragging && Math.hypot(now.clientX - from.x, now.clientY - from.y) < 6) return;
    if (!dragging) begin(bar);
    dragging = true;
    const steps = Math.round((columnAt(change.lane, now.clientX) - from.column) / unit) * unit;
    change.end = atEnd || bar.hasAttribute("data-move") ? steps : 0;
    change.start = atEnd || !bar.hasAttribute("data-move") ? 0 : steps;
    const lane = document.elementFromPoint(now.clientX, now.clientY)?.closest("[data-vehicle]");
    if (!atEnd && lane && lane.dataset.kind === change.lane.dataset.kind) change.lane = lane;
    draw();
  };
  const stop = (now) => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("pointerup", stop);
    document.removeEventListener("pointercancel", stop);
    if (!dragging) return;
    const swallow = (click) => { click.preventDefault(); click.stopPropagation(); }; // the click that ends a drag
    document.addEventListener("click", swallow, true);
    setTimeout(() => document.removeEventListener("click", swallow, true), 50);
    if (now.type === "pointerup") propose();
    else forget();
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", stop);
  document.addEventListener("pointercancel", stop);
});
board?.addEventListener("dragstart", (event) => event.preventDefault()); // links are not carried off

board?.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-beside]");
  if (link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || innerWidth < 1100) return;
    event.preventDefault();
    openBeside(link.dataset.beside, { headers: { "HX-Request": "true" } });
    return;
  }
  const lane = event.target.closest("[data-vehicle]");
  if (!lane || !board.dataset.book || event.target.closest(".bar")) return;
  const starts = shifted(`${board.dataset.first}T00:00`, columnAt(lane, event.clientX));
  const day = minutes < 720 ? starts : `${starts.slice(0, 10)}T09:00`; // a wide column says a day, not an hour
  const week = shifted(day, (7 * 1440) / minutes);
  const wish = new URLSearchParams({ vehicle: lane.dataset.vehicle, kind: lane.dataset.kind, starts_at: day, ends_at: week });
  location.assign(`${board.dataset.book}?${wish}`);
});

// --- keyboard -------------------------------------------------------------------------------------

const ARROWS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 };

board?.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.("[data-loan]");
  if (!bar) return undefined;
  if (event.key === "Enter" && change?.bar === bar) {
    event.preventDefault();
    return propose();
  }
  const step = ARROWS[event.key];
  if (!step || !event.shiftKey) return undefined;
  const sideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
  const canMove = bar.hasAttribute("data-move");
  if (sideways && !(event.altKey ? bar.hasAttribute("data-resize") : canMove)) return undefined;
  event.preventDefault();
  if (change?.bar !== bar) begin(bar);
  if (sideways) {
    change.end += step * unit;
    if (!event.altKey) change.start += step * unit;
  } else {
    const lanes = [...board.querySelectorAll(`[data-kind="${change.lane.dataset.kind}"]`)];
    change.lane = lanes[lanes.indexOf(change.lane) + step] ?? change.lane;
  }
  return draw();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && board && (change || !beside.hidden)) closeBeside();
});

// --- what is said of the bar under the pointer, or in focus ------------------------------------------

for (const kind of ["pointerover", "focusin"]) {
  board?.addEventListener(kind, (event) => {
    const title = event.target.closest(".bar")?.querySelector("[title]")?.title;
    if (title && !change) said.textContent = title;
  });
}

// The board opens where today is.
const today = document.querySelector(".board .today");
if (today) {
  const region = today.closest(".board");
  region.scrollLeft = today.offsetLeft - region.clientWidth / 3;
}

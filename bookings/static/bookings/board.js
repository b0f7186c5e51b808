// A click on free space starts a booking of that vehicle from that day. Without this file, « Réserver » does it.
"use strict";

const board = document.querySelector("[data-book]");
board?.addEventListener("click", (event) => {
  const lane = event.target.closest("[data-vehicle]");
  if (!lane || event.target.closest(".bar")) return;
  const track = lane.querySelector(".track").getBoundingClientRect();
  const columns = Number(board.dataset.columns);
  const column = Math.min(columns - 1, Math.max(0, Math.floor(((event.clientX - track.left) / track.width) * columns)));
  const day = new Date(`${board.dataset.first}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + Math.floor(column / Number(board.dataset.parts)));
  const end = new Date(day);
  end.setUTCDate(end.getUTCDate() + 7);
  const wish = new URLSearchParams({
    vehicle: lane.dataset.vehicle,
    kind: lane.dataset.kind,
    starts_at: `${day.toISOString().slice(0, 10)}T09:00`,
    ends_at: `${end.toISOString().slice(0, 10)}T09:00`,
  });
  location.assign(`${board.dataset.book}?${wish}`);
});

// The board opens where today is.
const today = document.querySelector(".board .today");
if (today) {
  const region = today.closest(".board");
  region.scrollLeft = today.offsetLeft - region.clientWidth / 3;
}

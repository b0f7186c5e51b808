// A tap on the drawing chooses the zone and the point; the list beside it does the same without script.
"use strict";

for (const figure of document.querySelectorAll("[data-silhouette]")) follow(figure);
document.addEventListener("htmx:load", (event) => {
  for (const figure of event.detail.elt.querySelectorAll("[data-silhouette]")) follow(figure);
});

function follow(figure) {
  if (figure.dataset.followed) return;
  figure.dataset.followed = "yes";
  const drawing = figure.querySelector("svg");
  const tapped = figure.querySelector(".tapped");
  const said = figure.querySelector("[data-said]");
  const field = (name) => document.getElementById(figure.dataset[name]);
  const [zone, x, y] = [field("zoneField"), field("xField"), field("yField")];

  function choose(code) {
    for (const shape of drawing.querySelectorAll(".zone")) shape.classList.toggle("chosen", shape.dataset.zone === code);
    const option = zone.selectedOptions?.[0];
    if (code && option) said.textContent = option.textContent;
  }

  function show() {
    tapped.toggleAttribute("hidden", !x.value);
    if (!x.value) return;
    tapped.setAttribute("cx", x.value * drawing.viewBox.baseVal.width);
    tapped.setAttribute("cy", y.value * drawing.viewBox.baseVal.height);
  }

  drawing.addEventListener("click", (event) => {
    const shape = event.target.closest("[data-zone]");
    if (!shape) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse());
    zone.value = shape.dataset.zone;
    x.value = (point.x / drawing.viewBox.baseVal.width).toFixed(4);
    y.value = (point.y / drawing.viewBox.baseVal.height).toFixed(4);
    choose(zone.value);
    show();
  });
  zone.addEventListener("change", () => {
    x.value = y.value = "";
    choose(zone.value);
    show();
  });
  choose(zone.value);
  show();
}

// Two frames to sign in. What is drawn goes into the hidden field beside it, as a PNG.
"use strict";

for (const place of document.querySelectorAll("[data-pad]")) {
  const canvas = place.querySelector("canvas");
  const clear = place.querySelector("[data-clear]");
  const field = document.getElementById(place.dataset.pad);
  canvas.hidden = clear.hidden = false;
  const pad = new SignaturePad(canvas, { penColor: "#101a4a", minWidth: 1, maxWidth: 3 });

  // The frame's pixels follow its size on the screen; what was drawn is kept when the phone is turned.
  function fit() {
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    const [width, height] = [canvas.offsetWidth, canvas.offsetHeight];
    if (!width || (canvas.width === width * scale && canvas.height === height * scale)) return;
    const drawn = pad.toData();
    canvas.width = width * scale;
    canvas.height = height * scale;
    canvas.getContext("2d").scale(scale, scale);
    pad.clear();
    pad.fromData(drawn);
  }

  new ResizeObserver(fit).observe(canvas);
  fit();
  pad.addEventListener("endStroke", () => {
    field.value = pad.toDataURL("image/png");
    place.querySelector(".kept")?.remove();
  });
  clear.addEventListener("click", () => {
    pad.clear();
    field.value = "";
  });
}

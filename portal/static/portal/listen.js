// « Écouter »: the browser reads the page's own French aloud. Without a voice the button stays hidden.
"use strict";

const voice = window.speechSynthesis;

for (const button of voice ? document.querySelectorAll("[data-listen]") : []) {
  const words = button.querySelector("[data-listen-words]");
  const rest = words.textContent;
  button.hidden = false;

  const stop = () => {
    voice.cancel();
    words.textContent = rest;
    button.setAttribute("aria-pressed", "false");
  };

  button.setAttribute("aria-pressed", "false");
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") return stop();
    const sentences = document.querySelector(button.dataset.listen).innerText.split(/\n+/).filter((line) => line.trim());
    voice.cancel();
    sentences.forEach((sentence, index) => {
      const spoken = new SpeechSynthesisUtterance(sentence);
      spoken.lang = "fr-FR";
      spoken.rate = 0.9; // slower than people talk
      if (index === sentences.length - 1) spoken.addEventListener("end", stop);
      voice.speak(spoken);
    });
    words.textContent = "Arrêter";
    button.setAttribute("aria-pressed", "true");
  });
  window.addEventListener("pagehide", () => voice.cancel());
}

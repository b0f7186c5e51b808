// The quote's total while it is typed. Without this file the « Calculer » button asks the server.
"use strict";

for (const form of document.querySelectorAll("[data-quote]")) {
  const place = form.querySelector("[data-sum]");
  const euros = new Intl.NumberFormat("fr-FR", { style: "currency", currency: "EUR" });
  const number = (name) => {
    const text = (form.elements[name]?.value || "").replace(/[^\d,.-]/g, "").replace(",", ".");
    return text === "" ? null : Number(text);
  };
  const add = () => {
    let cents = Math.round((number("hours") ?? 0) * (number("rate") ?? 0) * 100);
    for (let row = 0; form.elements[`price_${row}`]; row += 1) {
      cents += Math.round((number(`quantity_${row}`) ?? 1) * (number(`price_${row}`) ?? 0) * 100);
    }
    const whole = number("total");
    place.textContent = cents || whole === null ? (cents ? euros.format(cents / 100) : "–") : euros.format(whole);
  };
  form.querySelector("[data-without-script]")?.setAttribute("hidden", "");
  form.addEventListener("input", add);
  add();
}

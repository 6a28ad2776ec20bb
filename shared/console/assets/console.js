// What makes the console's pages more convenient. Nothing depends on it.
"use strict";

// A form is sent once, and says what is being done meanwhile.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button[data-doing]");
    if (!button) return;
    if (button.ariaDisabled === "true") return event.preventDefault();
    button.ariaDisabled = "true";
    button.textContent = button.dataset.doing;
  });
}

// Whoever comes back to a page sees what is so now, and its buttons as they were.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Times say on request what they are where the reader is.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.valueOf())) time.title = `${at.toLocaleString()} (${time.title})`;
}

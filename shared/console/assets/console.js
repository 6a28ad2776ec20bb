// Optional conveniences; all pages work without them.
"use strict";

// Prevents a second submission of a form and shows the progress on its button.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    const button = form.querySelector("button[data-doing]");
    if (!button) return;
    if (button.ariaDisabled === "true") return event.preventDefault();
    button.ariaDisabled = "true";
    button.textContent = button.dataset.doing;
  });
}

// Reloads a page that comes from the back-forward cache, so that it shows the current state.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Adds the local time to the title of each time.
for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.valueOf())) time.title = `${at.toLocaleString()} (${time.title})`;
}

// Hides the choices that do not contain the text of a search field.
for (const filter of document.querySelectorAll("input[data-filter]")) {
  const choices = filter.closest("fieldset").querySelectorAll(`.${filter.dataset.filter}`);
  filter.closest("[hidden]").hidden = choices.length < 6;
  filter.addEventListener("input", () => {
    const text = filter.value.toLowerCase();
    for (const choice of choices) choice.hidden = !choice.textContent.toLowerCase().includes(text);
  });
}

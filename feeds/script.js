// What pages do beyond what they say: copy an address, and write dates as the reader's language has them.
"use strict";

const said = document.querySelector("[role=status]");

async function copy(button) {
  const input = button.parentElement.querySelector("input");
  try {
    await navigator.clipboard.writeText(input.value);
    said.textContent = button.dataset.copied;
  } catch {
    // No clipboard outside of https, or none allowed: the address is selected, ready to be copied.
    input.focus();
    input.select();
    said.textContent = button.dataset.selected;
  }
}

for (const button of document.querySelectorAll("button[data-copied]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" });
for (const time of document.querySelectorAll("time")) {
  time.textContent = day.format(new Date(time.dateTime));
}

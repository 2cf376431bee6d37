// What the pages do beyond links and forms. Each part adds something; without a script everything works all the same.

"use strict";

const WARNED_BEFORE = 300; // seconds before the end of a session

for (const button of document.querySelectorAll("[data-reveals]")) {
  const field = document.getElementById(button.dataset.reveals);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

const drops = document.querySelectorAll("details.drop");
document.addEventListener("click", (event) => {
  for (const drop of drops) if (!drop.contains(event.target)) drop.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drop of drops) {
    if (drop.open && drop.contains(document.activeElement)) drop.querySelector("summary").focus();
    drop.open = false;
  }
});

const ending = document.getElementById("ending");
if (ending) watch(ending);

// Warns before the session ends, and prolongs it at a click. The clock of the machine may stand while it sleeps: what
// counts is the time of day.
function watch(ending) {
  const button = ending.querySelector("button");
  let end = Date.now() + 1000 * Number(ending.dataset.seconds);

  function look() {
    const left = Math.round((end - Date.now()) / 1000);
    const over = left <= 0;
    const minutes = String(Math.ceil(Math.max(left, 0) / 60));
    const shown = ending.querySelector("[data-left]");
    if (shown.textContent !== minutes) shown.textContent = minutes;
    button.hidden = over;
    ending.querySelector(".ending__over").hidden = !over;
    ending.hidden = left > WARNED_BEFORE;
  }

  button.addEventListener("click", async () => {
    const answer = await fetch("/konto/sitzung", {
      method: "POST",
      headers: { "X-CSRF-Token": ending.dataset.mark },
      redirect: "manual",
    }).catch(() => null);
    const seconds = answer && answer.ok ? Number(answer.headers.get("X-Session-Seconds")) : 0;
    end = Date.now() + 1000 * seconds;
    look();
  });
  look();
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
}

// Meetings: arrow keys step through patients, timers count, agenda items are dragged. All of it works by
// buttons too; without scripts only the buttons are left.
(() => {
  // The decision is one click and stays: an arrow to the side goes on to the next patient from there too. Within
  // the decisions the arrows up and down choose.
  const typing = (target) => target.closest?.("input:not([name=decision]), textarea, select, [contenteditable]");

  document.addEventListener("keydown", (event) => {
    const id = { ArrowRight: "step-after", PageDown: "step-after", ArrowLeft: "step-before", PageUp: "step-before" }[event.key];
    const button = id && document.getElementById(id);
    if (!button || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (!button.disabled) button.click();
  });

  // N stores "no change" and goes on, unless the answer asks something back.
  let goesOn = false;
  const stay = "#outcome-state :is(.summary, .doubt)";
  const goOn = () => {
    if (!goesOn || !document.querySelector("#outcome-state .state.fine")) return;
    goesOn = false;
    const next = document.getElementById("step-after");
    if (next && !next.disabled && !document.querySelector(stay)) next.click();
  };
  document.addEventListener("htmx:afterSettle", goOn);
  const unchanged = () => {
    const [choice] = document.querySelectorAll("#outcome input[name=decision]");
    goesOn = Boolean(choice);
    if (choice?.checked) goOn();
    else choice?.click();
  };

  // 1, 2, 3 decide; A unfolds the form of an action.
  document.addEventListener("keydown", (event) => {
    if (!document.querySelector(".stage.presenting") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("input:not([type=radio]), textarea, select, [contenteditable]")) return;
    if (localStorage.getItem("keys-off")) return;
    if (event.key.toLowerCase() === "n" && !event.repeat) return unchanged();
    const choice = /^[123]$/.test(event.key) && document.querySelectorAll("#outcome input[name=decision]")[event.key - 1];
    const giving = event.key.toLowerCase() === "a" && document.getElementById("give-out");
    if (!choice && !giving) return;
    event.preventDefault();
    if (choice) return choice.click();
    giving.open = true;
    giving.querySelector("input[name=text]").focus();
  });

  // From the first letter on until it is stored, the outcome says that it is not.
  document.addEventListener("input", (event) => {
    const state = event.target.closest("#outcome form") && document.getElementById("outcome-state");
    if (state && !state.querySelector(".summary")) state.textContent = "Not saved yet …";
  });

  // Each timer starts at the seconds that the server counted.
  const started = new WeakMap();
  const clock = (seconds) => {
    const two = (number) => String(number).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  };
  setInterval(() => {
    document.querySelectorAll(".timer").forEach((timer) => {
      if (!started.has(timer)) started.set(timer, performance.now() - 1000 * timer.dataset.seconds);
      timer.textContent = clock(Math.floor((performance.now() - started.get(timer)) / 1000));
    });
  }, 1000);

  // The list of patients closes when one looks elsewhere.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.jump[open]").forEach((jump) => jump.contains(event.target) || jump.removeAttribute("open"));
  });

  let dragged = null;
  const list = (target) => target.closest?.("ol[data-order]");
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("li[draggable]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
    dragged.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const over = event.target.closest?.("li[draggable]");
    if (!dragged || !list(event.target)) return;
    event.preventDefault();
    if (!over || over === dragged) return;
    const box = over.getBoundingClientRect();
    over[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
  });
  document.addEventListener("drop", (event) => dragged && event.preventDefault());
  document.addEventListener("dragend", () => {
    if (!dragged) return;
    dragged.classList.remove("dragged");
    const items = [...list(dragged).querySelectorAll("li[data-item]")].map((item) => item.dataset.item);
    htmx.ajax("POST", list(dragged).dataset.order, { target: "#agenda", swap: "outerHTML", source: "#agenda", values: { item: items } });
    dragged = null;
  });
})();

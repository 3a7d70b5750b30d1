// Keyboard of the draw form: Enter or Down to the next result, Up to the one before. Without it, Tab does.
if (!window.entryKeys) {
  window.entryKeys = true;
  document.addEventListener("keydown", (event) => {
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches("form.draw input.value")) return;
    event.preventDefault();
    const values = [...event.target.form.querySelectorAll("input.value")];
    const next = values[values.indexOf(event.target) + step];
    if (next) { next.focus(); next.select(); } else if (step > 0) event.target.form.querySelector("button.primary").focus();
  });
}

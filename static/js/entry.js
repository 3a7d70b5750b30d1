// Keyboard of the draw form: Enter or Down to the next result, Up to the one before, Ctrl+Enter stores; what a
// row offers for a number with a comma is taken over in place. Without it, Tab and the buttons do.
if (!window.entryKeys) {
  window.entryKeys = true;

  const takeOver = (button) => {
    const field = document.getElementById(button.dataset.field);
    field.value = button.dataset.text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  };

  // Where a row offers one reading only, Enter in its field takes it.
  const offered = (field) => {
    const buttons = field.form.querySelectorAll(`button.take[data-field="${field.id}"]`);
    return buttons.length === 1 ? buttons[0] : null;
  };

  const step = (field, by) => {
    const values = [...field.form.querySelectorAll("input.value")];
    const next = values[values.indexOf(field) + by];
    if (next) {
      next.focus();
      next.select();
    } else if (by > 0) {
      field.form.querySelector("button.primary").focus();
    }
  };

  const store = (field) => {
    const button = field.matches("textarea[name=pasted]") ? "button.read" : "button.primary";
    field.form.requestSubmit(field.form.querySelector(button));
  };

  document.addEventListener("keydown", (event) => {
    const by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    const field = event.target;
    if (!by || event.isComposing || !field.matches("form.draw :is(input, select, textarea)")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) store(field);
    else if (event.key === "Enter" && field.name === "taken_at") step(field, 1);
    else if (!field.matches("input.value")) return;
    else if (event.key === "Enter" && offered(field)) takeOver(offered(field));
    else step(field, by);
    event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("form.draw button.take");
    if (!button) return;
    event.preventDefault();
    takeOver(button);
  });
}

// One letter goes to what carries it as aria-keyshortcuts, and presses it where it can be pressed; "?" lists them.
// Single letters can be switched off for whoever speaks or has an unsteady hand (WCAG 2.1.4).
(() => {
  const OFF = "keys-off";
  const HELP = "?";
  const PRESSED = "a, button, summary, label";
  const FIELDS = "input, textarea, select";
  const TYPED = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
  const typing = (target) => target.closest?.(TYPED);
  const isShown = (elt) => elt.checkVisibility();

  const marked = () => [...document.querySelectorAll("[aria-keyshortcuts]")].filter(isShown);
  const nameOf = (elt) =>
    elt.dataset.keySays ?? elt.getAttribute("aria-label") ?? elt.textContent.trim().replace(/\s+/g, " ");

  const go = (elt) => {
    if (elt.matches(FIELDS)) elt.focus();
    else if (elt.matches(PRESSED)) {
      elt.focus();
      elt.click();
    } else place.enter(elt);
  };

  const made = () => {
    const found = document.getElementById("keys");
    if (found) return found;
    const copy = document.getElementById("dialogs").content.querySelector("#keys").cloneNode(true);
    document.body.append(copy);
    const box = copy.querySelector("#keys-on");
    box.checked = !localStorage.getItem(OFF);
    box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
    return copy;
  };

  const help = () => {
    const dialog = made();
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    const here = marked().map((elt) => [elt.getAttribute("aria-keyshortcuts"), nameOf(elt)]);
    for (const [key, says] of [...here, [HELP, "This list"]]) {
      const term = list.appendChild(document.createElement("dt"));
      term.appendChild(document.createElement("kbd")).textContent = key;
      list.appendChild(document.createElement("dd")).textContent = says;
    }
    dialog.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || localStorage.getItem(OFF)) return;
    if (event.key === HELP && document.getElementById("dialogs")) {
      event.preventDefault();
      help();
      return;
    }
    const found = marked().find((elt) => elt.getAttribute("aria-keyshortcuts").split(" ").includes(event.key));
    if (!found) return;
    event.preventDefault();
    go(found);
  });

  document.querySelectorAll("[data-keys]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", help);
  });
})();

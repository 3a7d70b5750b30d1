// What a date field cannot read (30 February) it sends as empty: it is said before anything is stored.
document.addEventListener("submit", (event) => {
  const unread = [...event.target.elements].find((field) => field.validity?.badInput);
  if (!unread) return;
  event.preventDefault();
  event.stopPropagation();
  unread.reportValidity();
}, true);

// What a change had to say (#said) is shown for a while, a warning until the next; whoever rests on it may read on.
(() => {
  const SHOWN = 10000;
  let timer;
  const clear = () => {
    const said = document.getElementById("said");
    if (said.matches(":hover")) timer = setTimeout(clear, SHOWN);
    else if (!said.querySelector(".warning, .error")) said.replaceChildren();
  };
  const said = document.getElementById("said");
  if (said) new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(clear, SHOWN);
  }).observe(said, { childList: true });
})();

// What lies over the page closes by Esc and by a click elsewhere; a citation unfolds within the text and closes by Esc.
(() => {
  const OVER = "details:is(.popover, .chart-menu)[open]";
  const FOLDS = `${OVER}, details.cite[open]`;
  const FIELDS = "input, select, textarea";
  const isShown = (elt) => elt.checkVisibility();

  const isChanged = (field) => {
    if (field.matches("[type=checkbox], [type=radio]")) return field.checked !== field.defaultChecked;
    if (!field.matches("select")) return field.value !== field.defaultValue;
    return field.selectedIndex !== Math.max(0, [...field.options].findIndex((one) => one.defaultSelected));
  };
  // What was refused comes back as typed, beside the word that says why.
  const holdsTyped = (fold) => fold.querySelector("[role=alert]") || [...fold.querySelectorAll(FIELDS)].some(isChanged);

  // Of several the innermost; of those apart the last on the page.
  const foldAt = (at) => at.closest(FOLDS) ?? [...document.querySelectorAll(FOLDS)].filter(isShown).pop();

  document.addEventListener("keydown", (event) => {
    const at = document.activeElement;
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    // Elsewhere Esc belongs to the field in which one types.
    const fold = at.matches(FIELDS) ? at.closest(FOLDS) : foldAt(at);
    if (!fold) return;
    event.preventDefault();
    fold.open = false;
    fold.querySelector("summary").focus();
  });

  // Before the page answers the click, for what was pressed may be gone by then.
  document.addEventListener("click", ({ target }) => {
    for (const fold of document.querySelectorAll(OVER)) {
      if (!fold.contains(target) && !holdsTyped(fold)) fold.open = false;
    }
  }, true);
})();

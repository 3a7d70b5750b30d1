// After a save of a part of the page, the page stays where it was and the keyboard goes on from there.
//   data-after-save="causes"  on a form: where to go once it is saved
//   data-open="causes"        on what is still to do there, each with an id: the next one is gone to
//   data-done="causes"        on what is gone to where nothing is left to do, such as the heading
// A save that asks for the top of the page (show:window) gets it; the keyboard goes on all the same.
(() => {
  const CONTROL = ":is(input:not([type=hidden]), select, textarea, button, summary, a[href]):not(:disabled)";
  const places = new WeakMap();

  const isShown = (elt) => elt.checkVisibility();
  const isControl = (elt) => elt.matches(CONTROL) && isShown(elt);
  const controls = (elt) => [elt, ...elt.querySelectorAll(CONTROL)].filter(isControl);
  // Of a group of choices the chosen one, as with Tab.
  const firstOf = (elt) => {
    const found = controls(elt);
    const chosen = found.find((one) => one.type === "radio" && one.name === found[0].name && one.checked);
    return chosen ?? found[0];
  };
  // What one presses for it, which may come after links to read.
  const entranceOf = (open) => {
    const act = open.querySelector("form, .button");
    return (act && firstOf(act)) ?? open;
  };
  const byId = (id) => document.getElementById(id);

  // Where it stands in its list: what is noted goes to the end of it, and nobody wants to follow it there.
  const idBefore = (elt) => {
    let one = elt.previousElementSibling;
    while (one && !one.id) one = one.previousElementSibling;
    return one?.id;
  };

  // The named things around an element, the innermost first, with their distance from the top of the window.
  const around = (elt) => {
    const found = [];
    for (let one = elt.closest("[id]"); one; one = one.parentElement?.closest("[id]")) {
      found.push({ id: one.id, after: idBefore(one), top: one.getBoundingClientRect().top });
    }
    return found;
  };

  // What is still to do, from what was saved on and then from the start.
  const following = (elt, group) => {
    const open = [...document.querySelectorAll(`[data-open="${CSS.escape(group)}"]`)];
    const isAfter = (one) => elt.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING;
    const others = open.filter((one) => !one.contains(elt));
    return [...others.filter(isAfter), ...others.filter((one) => !isAfter(one))].map((one) => one.id);
  };

  // The event itself is of the part that is swapped; who asked for it stands in its request.
  const remember = ({ xhr, requestConfig }) => {
    const { elt } = requestConfig;
    if (requestConfig.verb === "get") return;
    const toTop = /show:window/.test(elt.closest("[hx-swap]")?.getAttribute("hx-swap"));
    // Of the form itself: a row of it that is checked while one types saves nothing.
    const group = elt.dataset.afterSave;
    const at = document.activeElement;
    places.set(xhr, {
      group,
      next: group ? following(elt, group) : [],
      around: toTop ? [] : around(elt),
      name: elt.contains(at) ? at.name : "",
      value: at.value,
    });
  };

  const focus = (elt) => {
    if (!elt.matches(CONTROL)) elt.tabIndex = -1;
    elt.focus({ preventScroll: true });
    elt.scrollIntoView({ block: "nearest" });
  };

  const nextOf = ({ group, next }) => {
    const open = next.map(byId).find((one) => one?.dataset.open === group && isShown(one));
    if (open) return entranceOf(open);
    return [...document.querySelectorAll(`[data-done="${CSS.escape(group)}"]`)].find(isShown);
  };

  // Where the focus was, in what has come in its place.
  const sameOf = ({ around: named, name, value }) => {
    const place = named.map(({ id }) => byId(id)).find((one) => one && isShown(one));
    if (!place || place.matches("body, main")) return null;
    const found = controls(place);
    const same = found.filter((one) => name && one.name === name);
    return same.find((one) => one.value === value) ?? same[0] ?? found[0] ?? place;
  };

  const stay = ({ around: named }) => {
    const isThere = ({ id, after }) => byId(id) && isShown(byId(id)) && idBefore(byId(id)) === after;
    const { id, top } = named.find(isThere) ?? {};
    if (id) scrollBy({ top: byId(id).getBoundingClientRect().top - top, behavior: "instant" });
  };

  const settle = (place, saved) => {
    stay(place);
    const next = saved && place.group ? nextOf(place) : null;
    if (next) focus(next);
    else if (document.activeElement === document.body) {
      const same = sameOf(place);
      if (same) focus(same);
    }
  };

  // Parts above that load themselves anew push what the person looks at away: it stays until they move.
  let held = null;
  const topOf = (elt) => elt.getBoundingClientRect().top;
  const hold = () => {
    const at = document.activeElement;
    held = at === document.body ? null : { at, top: topOf(at) };
  };
  const holdOn = () => {
    if (held?.at.isConnected) scrollBy({ top: topOf(held.at) - held.top, behavior: "instant" });
  };
  for (const moved of ["wheel", "touchstart", "pointerdown", "keydown"]) {
    document.addEventListener(moved, () => (held = null), { capture: true, passive: true });
  }

  // For a key that goes to a part of the page: the first that is still to do there, or the part itself.
  const enter = (part) => {
    const open = [...part.querySelectorAll("[data-open]")].find(isShown);
    focus(open ? entranceOf(open) : part);
  };
  window.place = { enter };

  document.addEventListener("htmx:beforeSwap", ({ detail }) => remember(detail));
  document.addEventListener("htmx:afterSettle", holdOn);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const place = places.get(detail.xhr);
    places.delete(detail.xhr);
    // A refusal (422) is an answer to htmx, and no save.
    if (!place) return;
    settle(place, detail.xhr.status < 400);
    if (place.around.length) hold();
  });
})();

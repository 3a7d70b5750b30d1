// A request of htmx that failed says so where it was made, keeps what was typed and can be repeated.
// In place of "saved", "loaded" an element says data-failed="Not checked" for itself and what is in it.
(() => {
  const NO_ANSWER = "no answer from the server.";
  const WHY = {
    403: "you are not allowed to do this.",
    404: "this is no longer there for you.",
    413: "it is too large.",
    429: "too many requests. Wait a minute.",
    503: "the database does not answer at the moment. Wait a minute.",
    507: "the disk is full. Tell the administrator.",
  };
  const UNSURE = " It may have arrived all the same: look before you repeat it.";
  // By form (or element) and then by word, so that a check that is answered takes no "Not saved" away.
  const notices = new WeakMap();
  let leaving = false;

  const isPoll = (elt) => /^every/.test(elt.getAttribute("hx-trigger") ?? "");
  const failedWord = ({ elt, requestConfig }) =>
    elt.closest("[data-failed]")?.dataset.failed ?? (requestConfig.verb === "get" ? "Not loaded" : "Not saved");
  // The connection to the database was lost while it saved.
  const isInDoubt = (xhr) => xhr.getResponseHeader("X-Saved") === "unknown";
  const isSave = (detail) => failedWord(detail) === "Not saved";

  // The form in which it was typed, else beside what was pressed; where that is gone, at the top of the page.
  const put = (elt, notice) => {
    const place = elt.closest("form") ?? elt;
    if (!place.isConnected) document.getElementById("main").prepend(notice);
    else if (place.matches("form, [hx-trigger='load']")) place.append(notice);
    else (place.closest("tr, li, nav, p, h1, h2, h3") ?? place).after(notice);
  };

  const noticesAt = ({ elt }) => {
    const place = elt.closest("form") ?? elt;
    if (!notices.has(place)) notices.set(place, {});
    return notices.get(place);
  };

  const show = (detail, sentence, word, act) => {
    const here = noticesAt(detail);
    const before = here[failedWord(detail)];
    if (isPoll(detail.elt) && before?.isConnected) return;
    const focused = before?.contains(document.activeElement);
    before?.remove();
    const notice = document.getElementById("unanswered").content.firstElementChild.cloneNode(true);
    notice.querySelector("span").textContent = sentence;
    const button = notice.querySelector("button");
    button.textContent = word;
    button.addEventListener("click", act);
    put(detail.elt, notice);
    here[failedWord(detail)] = notice;
    if (focused) button.focus();
    // Once: what saves while one types must not move the page at each letter.
    if (!before) notice.scrollIntoView({ block: "nearest" });
  };

  // The same request of the same element, with the button that was pressed and what is typed there now.
  const repeat = ({ elt, requestConfig, etc, pressed }) => {
    const values = { ...etc.values };
    if (pressed?.name) values[pressed.name] = pressed.value;
    htmx.ajax(requestConfig.verb, requestConfig.path, {
      source: elt, target: etc.targetOverride, swap: etc.swapOverride, values, event: requestConfig.triggeringEvent,
    }).catch(() => {});
  };

  const failed = (detail, why, unsure = false) => {
    const sentence = `${failedWord(detail)}: ${why}${unsure && isSave(detail) ? UNSURE : ""}`;
    show(detail, sentence, "Try again", () => repeat(detail));
  };

  const submitters = new WeakMap();
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    const pressed = detail.requestConfig.triggeringEvent?.submitter;
    if (pressed) submitters.set(detail.xhr, pressed);
  });
  // An event of an element that is gone is told by what is around it: who asked stands in the request.
  const known = ({ xhr, requestConfig, etc }) => ({
    elt: requestConfig.elt, xhr, requestConfig, etc, pressed: submitters.get(xhr),
  });

  addEventListener("pagehide", () => (leaving = true));
  addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("htmx:timeout", ({ detail }) => failed(known(detail), NO_ANSWER, true));
  document.addEventListener("htmx:sendError", ({ detail }) => {
    if (!leaving) failed(known(detail), NO_ANSWER, navigator.onLine);
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    const ended = detail.xhr.getResponseHeader("X-Session");
    if (ended) document.dispatchEvent(new CustomEvent("session:ended", { detail: { ended, asked: known(detail) } }));
    else failed(known(detail), WHY[detail.xhr.status] ?? NO_ANSWER, isInDoubt(detail.xhr));
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const isAnswered = detail.xhr.status && (detail.xhr.status < 400 || detail.xhr.status === 422);
    const asked = known(detail);
    if (isAnswered) noticesAt(asked)[failedWord(asked)]?.remove();
  });

  window.requests = { failedWord, isPoll, repeat, show };
})();

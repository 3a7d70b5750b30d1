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

// Whoever comes back to a window is told where the record has changed since its page was made. Nothing reloads by
// itself: something may be typed. After a save the page carries the mark of the record as it is then.
(() => {
  const AGAIN = 10000;
  let asked = -AGAIN;

  const line = () => document.querySelector("[data-mark]");

  const ask = async ({ mark, address }) => {
    const headers = { "X-Poll": "1", "X-Person": document.body.dataset.person };
    const answer = await fetch(address, { headers, redirect: "manual" });
    // Signed out or no longer there: whatever is done next on this page says so.
    if (!answer.ok) return;
    const now = await answer.text();
    const here = line();
    if (here?.dataset.mark !== mark || now === mark) return;
    here.replaceChildren(document.getElementById("newer").content.cloneNode(true));
  };

  const back = () => {
    if (document.hidden || line()?.hasChildNodes() !== false || performance.now() - asked < AGAIN) return;
    asked = performance.now();
    ask(line().dataset).catch((wrong) => console.warn("Not known whether the record has changed:", wrong));
  };
  document.addEventListener("visibilitychange", back);
  addEventListener("focus", back);
})();

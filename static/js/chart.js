// The chart of a patient: the server's drawing until Plotly stands in its place, views and days switched at once,
// draws read out by keyboard, the drawing as a file. Every figure comes in one answer; without it links work.
(() => {
  const card = () => document.querySelector("#chart-card");
  const box = () => card()?.querySelector("[data-figures]");
  const CHOICES = ["view", "range", "scale"];
  // One answer for each address, which names what is drawn: a page that swaps its parts back has it already.
  const answers = new Map();

  // What the figures have in common stands in `parts`, once.
  const restored = (value, parts) => {
    if (Array.isArray(value)) return value.map((item) => restored(item, parts));
    if (!value || typeof value !== "object") return value;
    if ("part" in value) return restored(parts[value.part], parts);
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restored(item, parts)]));
  };

  const bundle = (address) => {
    if (!answers.has(address)) {
      const asked = fetch(address, { headers: { "HX-Request": "true" } }).then((answer) => {
        if (!answer.ok || answer.redirected) throw new Error(`${answer.status}`);
        return answer.json();
      });
      asked.catch(() => answers.delete(address));
      answers.set(address, asked);
    }
    return answers.get(address);
  };

  const figureOf = ({ figures, parts }) => {
    const { view, range, scale } = card().dataset;
    return restored(figures[`${view} ${range} ${scale}`], parts);
  };

  // --- Plotly in the drawing's place ---

  const live = (holder) => {
    let found = holder.querySelector(".live");
    if (!found) {
      found = document.createElement("div");
      found.className = "live";
      found.dataset.wide = holder.dataset.wide;
      holder.append(found);
    }
    return found;
  };

  const take = async (holder, width) => {
    const [, found] = await Promise.all([window.charts.plotly(), bundle(holder.dataset.figures)]);
    if (!holder.isConnected) return;
    await window.charts.show(live(holder), figureOf(found), width);
    holder.classList.add("taken");
  };

  // The drawing stays where an answer does not come: it is the chart. What is wrong is told on the console.
  const attempt = (holder) =>
    take(holder).catch((wrong) => {
      console.warn("The chart stays as the server drew it:", wrong);
      holder.classList.remove("taken");
    });

  const begin = () => {
    const holder = box();
    if (!holder || holder.dataset.begun) return;
    holder.dataset.begun = "true";
    holder.tabIndex = 0;
    card().querySelector("[data-file=png]").parentElement.hidden = false;
    const soon = window.requestIdleCallback ?? ((action) => setTimeout(action, 200));
    soon(() => attempt(holder), { timeout: 3000 });
    for (const reach of ["pointerenter", "focusin"]) {
      card().addEventListener(reach, () => holder.querySelector(".live") || attempt(holder), { once: true });
    }
  };

  // --- views, days, scales ---

  const follow = (link) => {
    const address = new URL(link.href);
    for (const name of CHOICES) address.searchParams.set(name, card().dataset[name]);
    return address;
  };

  const mark = () => {
    for (const nav of card().querySelectorAll("[data-choice]")) {
      for (const link of nav.querySelectorAll("a")) {
        const current = link.dataset.key === card().dataset[nav.dataset.choice];
        current ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
        const address = follow(link);
        address.searchParams.set(nav.dataset.choice, link.dataset.key);
        link.href = address;
      }
    }
    for (const link of card().querySelectorAll("[data-file]")) link.href = follow(link);
  };

  const choose = (link) => {
    const holder = box();
    letGo(holder);
    delete holder.dataset.at;
    card().dataset[link.parentElement.dataset.choice] = link.dataset.key;
    history.replaceState(history.state, "", link.href);
    mark();
    attempt(holder).then(() => holder.classList.contains("taken") || location.assign(link.href));
  };

  // --- by keyboard ---

  const say = (words) => {
    card().querySelector(".read-out").textContent = words;
  };

  // The labels are Plotly's own and would stay where the draw stood before.
  const letGo = (holder) => {
    const plot = holder.querySelector(".live.js-plotly-plot");
    if (plot) window.Plotly.Fx.unhover(plot);
    say("");
  };

  // Where a draw stands on the figure that is shown: [curve, point] of each of its marks.
  const marksOf = (plot, at) =>
    plot.data.flatMap((trace, curveNumber) => {
      if (trace.hoverinfo === "skip" || !trace.text) return [];
      const pointNumber = (trace.customdata ?? trace.x).lastIndexOf(at);
      return pointNumber < 0 || trace.y[pointNumber] === null ? [] : [{ curveNumber, pointNumber }];
    });

  const STEPS = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

  const walk = async (event) => {
    const holder = event.target.closest?.("[data-figures]");
    if (!holder || event.target !== holder || !(event.key in STEPS || event.key === "Escape")) return;
    event.preventDefault();
    await attempt(holder);
    const plot = live(holder);
    if (event.key === "Escape") {
      letGo(holder);
      return;
    }
    const { draws } = await bundle(holder.dataset.figures);
    const there = draws.filter(({ at }) => marksOf(plot, at).length);
    if (!there.length) return;
    const before = there.findIndex(({ at }) => at === holder.dataset.at);
    const from = before < 0 ? (STEPS[event.key] > 0 ? -1 : there.length) : before;
    const next = there[Math.min(Math.max(from + STEPS[event.key], 0), there.length - 1)];
    holder.dataset.at = next.at;
    window.Plotly.Fx.hover(plot, marksOf(plot, next.at), "xy");
    say(next.words);
  };

  // --- files ---

  const TWICE = 2;

  const png = async (link) => {
    const text = await (await fetch(link.href)).text();
    const picture = new Image();
    picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width * TWICE, picture.height * TWICE];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    const file = document.createElement("a");
    file.download = `alt-ast-inr-${card().dataset.view}.png`;
    file.href = canvas.toDataURL("image/png");
    file.click();
  };

  // --- what happens on the page ---

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const choice = event.target.closest?.("#chart-card [data-choice] a");
    const file = event.target.closest?.("#chart-card [data-file=png]");
    if (!choice && !file) return;
    event.preventDefault();
    if (choice) choose(choice);
    else png(file).catch(() => say("No picture: the server did not answer. Try again."));
  });
  document.addEventListener("keydown", walk);
  document.addEventListener("htmx:afterSwap", begin);

  const again = () => {
    const holder = box();
    if (holder?.classList.contains("taken")) attempt(holder);
  };
  let next;
  addEventListener("resize", () => {
    cancelAnimationFrame(next);
    if (!document.documentElement.classList.contains("printing")) next = requestAnimationFrame(again);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  addEventListener("beforeprint", () => {
    const holder = box();
    if (holder?.classList.contains("taken")) take(holder, window.charts.PAPER);
  });
  addEventListener("afterprint", again);

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();

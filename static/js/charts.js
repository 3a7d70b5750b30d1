// Draws every <div data-figure="id"> from the JSON of that id. Colours are names of CSS variables, so that
// the same figure is right on a light and a dark screen and on paper.
(() => {
  const PLOTLY = document.currentScript.dataset.plotly;
  const BASE = 15;
  const PAPER = 690;
  // What a figure is made for: its words lie free of each other in a plot of this width, and of this share of its height.
  const WIDTH = 768;
  const SQUEEZED = 0.85;
  // What grows with the page's own type.
  const GROWING = new Set(["size", "xshift", "yshift", "width", "standoff", "ticklabelstandoff"]);

  const colour = (name) => {
    const probe = document.createElement("i");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };

  // Sizes grow with the page's own type, as far as there is room for the longer words.
  const growth = (box, height, width) => {
    // Made for this width, and enlarged as a whole: so its drawing by the server, and so Plotly's.
    if (box.dataset.wide) return (width || box.clientWidth) / box.dataset.wide;
    const type = parseFloat(getComputedStyle(document.documentElement).fontSize) / BASE;
    const room = box.dataset.fit ? Math.min(box.clientWidth / WIDTH, free(box) / (SQUEEZED * height)) : type;
    return Math.max(1, Math.min(type, room));
  };

  // A copy of the figure with colours filled in and sizes grown.
  const resolved = (figure, grow) => {
    const known = {};
    const fill = (value, key) => {
      if (typeof value === "string" && value.includes("var(")) {
        return value.replace(/var\((--[a-z-]+)\)/g, (_, name) => (known[name] ??= colour(name)));
      }
      if (GROWING.has(key) && typeof value === "number") return value * grow;
      if (Array.isArray(value)) return value.map((item) => (item && typeof item === "object" ? fill(item) : fill(item, key)));
      if (value && typeof value === "object") {
        return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, fill(item, name)]));
      }
      return value;
    };
    const made = { data: figure.data.map((trace) => fill(trace)), layout: fill(figure.layout) };
    made.layout.height = figure.layout.height * grow;
    for (const side of ["l", "r", "t", "b"]) made.layout.margin[side] = figure.layout.margin[side] * grow;
    return made;
  };

  // Of a chart that fills the screen (data-fit): down to the window's edge, within reason.
  const free = (box) => innerHeight - box.getBoundingClientRect().top - scrollY - 2.5 * BASE;
  const fitting = (box, height) => Math.min(1.4 * height, Math.max(0.75 * height, free(box)));

  const draw = (box, width) => {
    const source = document.getElementById(box.dataset.figure);
    if (source) show(box, JSON.parse(source.textContent), width);
  };

  const show = (box, figure, width) => {
    const { data, layout } = resolved(figure, growth(box, figure.layout.height, width));
    layout.width = width || box.clientWidth;
    if (width && !box.dataset.wide) layout.height *= 0.8;
    if (box.dataset.fit && !width) layout.height = fitting(box, layout.height);
    return Plotly.react(box, data, layout, { displayModeBar: false, doubleClick: "reset" });
  };

  const failed = (box) => {
    box.classList.add("failed");
    box.textContent = "The chart could not be drawn; every value is in the table below.";
  };

  // The library is fetched only once a page has a chart.
  let loading;
  const plotly = () => {
    if (window.Plotly) return Promise.resolve();
    loading ??= new Promise((done, fail) => {
      const script = document.createElement("script");
      script.src = PLOTLY;
      script.onload = done;
      script.onerror = fail;
      document.head.append(script);
    });
    return loading;
  };

  // For charts that bring their figures by themselves (chart.js).
  window.charts = { show, plotly, PAPER };

  const start = () => {
    const boxes = [...document.querySelectorAll("[data-figure]")];
    if (!boxes.length) return;
    plotly().then(
      () => boxes.forEach((box) => draw(box)),
      () => boxes.forEach(failed),
    );
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:afterSwap", () => {
    if (document.querySelector("[data-figure]:not(.js-plotly-plot)")) start();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", start);

  // Plotly's own way to follow the window forgets the height, and the chart covers what stands below it.
  let next;
  addEventListener("resize", () => {
    cancelAnimationFrame(next);
    if (!document.documentElement.classList.contains("printing")) next = requestAnimationFrame(start);
  });

  // Paper is white and narrower than the screen.
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    document.querySelectorAll("[data-figure]").forEach((box) => window.Plotly && draw(box, PAPER));
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    start();
  });
})();

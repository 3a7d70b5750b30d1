// The population plane: points by pointer and by arrow keys, the slider of months.
// Without scripts each point is a link, the list stands beside it, and the month is a field of a form.
(() => {
  const NEAR = 12;
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const known = new WeakMap();
  let at = null;
  let asking = 0;

  // Where each link stands: its outline begins with the middle of its mark.
  const pointsOf = (svg) => {
    if (!known.has(svg)) {
      known.set(svg, [...svg.querySelectorAll(".points a")].map((link) => {
        const [x, y] = link.querySelector("path").getAttribute("d").slice(1).split(/[ a-z]/).map(Number);
        return { link, x, y };
      }));
    }
    return known.get(svg);
  };

  const nearest = (svg, event) => {
    const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    let best = null;
    let least = NEAR;
    for (const point of pointsOf(svg)) {
      const far = Math.hypot(point.x - place.x, point.y - place.y);
      if (far < least) [best, least] = [point, far];
    }
    return best;
  };

  const ring = (svg, point) => {
    const cursor = svg.querySelector(".cursor");
    cursor.classList.toggle("on", Boolean(point));
    cursor.setAttribute("cx", point ? point.x : -99);
    cursor.setAttribute("cy", point ? point.y : -99);
  };

  // The next point that way: within a right angle, the nearest.
  const next = (points, from, [dx, dy]) => {
    let best = null;
    let least = Infinity;
    for (const point of points) {
      const along = (point.x - from.x) * dx + (point.y - from.y) * dy;
      const aside = Math.abs((point.x - from.x) * dy) + Math.abs((point.y - from.y) * dx);
      if (point !== from && along > 0 && along >= aside && along + aside < least) {
        [best, least] = [point, along + aside];
      }
    }
    return best;
  };

  const ask = (link) => {
    clearTimeout(asking);
    // A key held down passes many: only where it rests is a name asked for, and the look recorded.
    asking = setTimeout(() => {
      const uuid = link.getAttribute("href").split("/").at(-2);
      htmx.ajax("GET", `/population/${uuid}/`, { target: "#point", swap: "innerHTML", push: "false" });
    }, 250);
  };

  document.addEventListener("pointermove", (event) => {
    const svg = event.target.closest?.("#plane");
    if (!svg) return;
    const point = event.target.closest(".corner") ? null : nearest(svg, event);
    ring(svg, point);
    svg.closest(".plane").classList.toggle("near", Boolean(point));
  });

  document.addEventListener("click", (event) => {
    const svg = event.target.closest?.("#plane");
    if (!svg) return;
    const link = event.target.closest("a");
    // htmx asks for it; the browser would follow a link of a drawing as well.
    if (link?.hasAttribute("hx-get") && !event.ctrlKey && !event.metaKey) event.preventDefault();
    const point = link ? null : nearest(svg, event);
    if (point) location.assign(point.link.getAttribute("href"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "points") return;
    const svg = event.target.closest("svg");
    const points = pointsOf(svg);
    if (!points.includes(at)) at = null;
    if (event.key === "Enter" && at) location.assign(at.link.getAttribute("href"));
    if (!STEPS[event.key] || !points.length) return;
    event.preventDefault();
    at = at ? next(points, at, STEPS[event.key]) ?? at : points.at(-1);
    ring(svg, at);
    ask(at.link);
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.id === "points") ring(event.target.closest("svg"), null);
  });

  // The slider has no name in the form: it moves the field beside it, and right is now.
  document.addEventListener("input", (event) => {
    if (event.target.id !== "month-slider") return;
    const month = document.getElementById("month");
    month.selectedIndex = Number(event.target.max) - Number(event.target.value);
    event.target.setAttribute("aria-valuetext", month.selectedOptions[0].text);
  });
})();

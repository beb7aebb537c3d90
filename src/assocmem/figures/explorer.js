// Draws the explorers: a slider, a menu, a plotly drawing in the page's colors, and a sentence that changes with them.
(() => {
  const root = document.documentElement;
  const css = (name, other) => getComputedStyle(root).getPropertyValue(name).trim() || other;
  const colors = () => ({
    one: css("--fig-one", "#0b62a4"),
    two: css("--fig-two", "#b3430e"),
    grey: css("--fig-grey", "#767676"),
    ink: css("--pst-color-text-base", css("--jp-content-font-color1", "#1a1a1a")),
    rule: css("--pst-color-border", "rgba(128, 128, 128, 0.35)"),
  });

  const table = (head, rows) => {
    const out = document.createElement("table");
    const line = (cells, kind, parent) => {
      const row = parent.appendChild(document.createElement("tr"));
      for (const words of cells) row.appendChild(document.createElement(kind)).textContent = words;
    };
    line(head, "th", out.createTHead());
    const body = out.createTBody();
    for (const cells of rows) line(cells, "td", body);
    for (const cell of out.tHead.querySelectorAll("th")) cell.scope = "col";
    return out;
  };

  const start = (box) => {
    box.dataset.ready = "yes";
    const data = JSON.parse(box.querySelector("script[type='application/json']").textContent);
    const [range, select, output] = ["input", "select", "output"].map((name) => box.querySelector(name));
    const [plot, says, rows] = ["plot", "says", "table"].map((name) => box.querySelector(`.explorer-${name}`));
    const ends = (key) => {
      if (key === "y" && data.range) return data.range;
      const log = data.log.includes(key);
      let [low, high] = [Infinity, -Infinity];
      for (const states of Object.values(select ? { it: data.frames[select.value] } : data.frames)) {
        for (const state of Object.values(states)) {
          for (const curve of state.curves) {
            for (const raw of curve[key]) {
              if (raw === null || (log && raw <= 0)) continue;
              const value = log ? Math.log10(raw) : raw;
              low = Math.min(low, value);
              high = Math.max(high, value);
            }
          }
        }
      }
      const room = key === "y" ? 0.05 * (high - low || 1) : 0;
      return [low - room, high + room];
    };
    const draw = () => {
      const states = data.frames[select ? select.value : ""];
      const name = data.steps[range.value];
      const state = states[name];
      const narrow = box.clientWidth < 500;
      const color = colors();
      range.setAttribute("aria-valuetext", name);
      output.value = name;
      says.textContent = state.says;
      rows.replaceChildren(...(state.rows ? [table(state.head, state.rows)] : []));
      if (!window.Plotly) return;
      const traces = state.curves.map((curve) => ({
        x: curve.x, y: curve.y, mode: curve.mode, name: curve.name, showlegend: curve.legend,
        line: { dash: curve.dash, color: color[curve.color], width: curve.width },
        marker: { color: color[curve.color], symbol: curve.symbol, size: 9 },
      }));
      const axis = (key, title) => ({
        title: { text: title }, color: color.ink, gridcolor: color.rule, zeroline: false, range: ends(key),
        type: data.log.includes(key) ? "log" : "linear", exponentformat: "power", automargin: true, fixedrange: true,
        ...(data.log.includes(key) ? { dtick: Math.max(1, Math.ceil((ends(key)[1] - ends(key)[0]) / (narrow ? 5 : 8))) } : {}),
      });
      const height = (narrow ? 330 : 380) + 18 * Math.max(0, state.curves.filter((curve) => curve.legend).length - 4);
      Plotly.react(plot, traces, {
        height, width: plot.clientWidth || undefined, margin: { t: 8, l: 48, r: 8, b: 46 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
        font: { color: color.ink, family: "serif", size: 14 }, hoverlabel: { font: { family: "serif" } },
        legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { size: narrow ? 12 : 14 }, itemwidth: 30 },
        xaxis: axis("x", data.axes[0]), yaxis: axis("y", data.axes[1]),
      }, { displayModeBar: false, responsive: true });
    };
    box.querySelector("form").addEventListener("input", draw);
    new MutationObserver(draw).observe(root, { attributeFilter: ["data-theme", "class"] });
    let width = box.clientWidth;
    new ResizeObserver(() => {
      if (Math.abs(box.clientWidth - width) < 2) return;
      width = box.clientWidth;
      draw();
    }).observe(box);
    draw();
    if (!window.Plotly) window.plotlyNear?.(box, draw);
  };

  const all = () => document.querySelectorAll(".explorer:not([data-ready])").forEach(start);
  if (document.readyState === "complete") all();
  else addEventListener("load", all);
})();

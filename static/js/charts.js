// "Explore": the live chart in the drawing's place, loaded when a reader asks for it, its points read aloud.

let loading;

// The full bundle brings an inline style sheet along, for maps, which no chart of ours is. The policy would refuse it and
// report that: while the library loads, such an element is made inert instead.
function withoutInlineStyles() {
  const create = document.createElement;
  document.createElement = (name, ...rest) => create.call(document, name === "style" ? "template" : name, ...rest);
  return () => (document.createElement = create);
}

function library(url) {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    const asBefore = withoutInlineStyles();
    script.onload = () => {
      asBefore();
      resolve(window.Plotly);
    };
    script.onerror = () => {
      asBefore();
      loading = undefined;
      reject(new Error("The chart library did not load"));
    };
    document.head.append(script);
  });
  return loading;
}

// Figures are written in light colours; the page's custom properties say what those are now.
function themed(value, palette, now) {
  if (typeof value === "string") {
    if (palette[value]) return now(palette[value]);
    const faded = /^rgba\((\d+),(\d+),(\d+),([\d.]+)\)$/.exec(value);
    if (!faded) return value;
    const hex = "#" + faded.slice(1, 4).map((part) => Number(part).toString(16).padStart(2, "0")).join("");
    if (!palette[hex]) return value;
    const parts = now(palette[hex]).match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));
    return `rgba(${parts.join(",")},${faded[4]})`;
  }
  if (Array.isArray(value)) return value.map((part) => themed(part, palette, now));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, key === "meta" ? part : themed(part, palette, now)]));
  }
  return value;
}

function coloured(figure) {
  const style = getComputedStyle(document.documentElement);
  return themed(figure, figure.layout.meta.palette, (name) => style.getPropertyValue(`--${name}`).trim());
}

const CONFIG = { displaylogo: false, showSendToCloud: false, responsive: true };

const CHANGES = [
  { on: document.documentElement, of: "themechange" },
  { on: matchMedia("(prefers-color-scheme: dark)"), of: "change" },
];

class Live {
  constructor(box, figure) {
    this.box = box;
    this.figure = figure;
    this.canvas = box.querySelector(".canvas");
    this.drawing = [...this.canvas.querySelectorAll(".draw")];
    this.button = box.querySelector("[data-explore]");
    this.words = this.button.textContent;
    // Lines before loose points: what a chart is about comes first.
    const curves = [...figure.data.keys()].sort((one, two) => figure.data[two].mode?.includes("lines") - figure.data[one].mode?.includes("lines"));
    this.points = curves.flatMap((curve) => {
      const { hovertext, text, hoverinfo, name, x, y } = figure.data[curve];
      // A bar drawn as an outline says one thing, anywhere inside it.
      const inside = [x, y].map((values) => (Math.min(...values) + Math.max(...values)) / 2);
      if (!hovertext && hoverinfo === "text") return [{ curve, point: 0, text, name, inside }];
      // A point that says nothing, or the same as the one before it, is only there for the line.
      return (hovertext ?? []).map((text, point) => ({ curve, point, text, name })).filter(({ text }, nth, all) => text && text !== all[nth - 1]?.text);
    });
    this.at = -1;
  }

  async open(Plotly) {
    this.Plotly = Plotly;
    const shown = this.drawing.find((svg) => svg.getClientRects().length).getBoundingClientRect();
    this.plot = document.createElement("div");
    this.plot.className = "plot";
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "group");
    this.plot.setAttribute("aria-label", `${this.box.dataset.title}: live chart. Arrow keys move through the points, Escape closes it.`);
    // The same box as the drawing's: nothing below it moves.
    this.plot.style.height = `${shown.height}px`;
    this.spoken = this.box.querySelector(".live");
    for (const svg of this.drawing) svg.setAttribute("hidden", "");
    this.canvas.append(this.plot);
    await this.draw();
    this.button.textContent = "Close";
    this.plot.addEventListener("keydown", (event) => this.key(event));
    this.plot.focus({ preventScroll: true });
    this.again = () => this.draw();
    for (const change of CHANGES) change.on.addEventListener(change.of, this.again);
  }

  draw() {
    const { data, layout } = coloured(this.figure);
    const wide = this.plot.clientWidth;
    if (wide < 560) {
      layout.margin = { ...layout.margin, l: 44, r: 12 };
      // Plotly cuts long notes: this many letters fit.
      const most = Math.floor(wide / 7);
      const lines = new RegExp(`(?=.{${most}})(.{1,${most - 8}}) `, "g");
      for (const note of layout.annotations) note.text = note.text.replace(lines, "$1<br>");
    }
    return this.Plotly.react(this.plot, data, { ...layout, autosize: true }, CONFIG);
  }

  close() {
    for (const change of CHANGES) change.on.removeEventListener(change.of, this.again);
    this.Plotly.purge(this.plot);
    this.plot.remove();
    for (const svg of this.drawing) svg.removeAttribute("hidden");
    this.spoken.textContent = "";
    this.button.textContent = this.words;
    this.button.focus({ preventScroll: true });
  }

  key(event) {
    if (event.target !== this.plot || event.altKey || event.ctrlKey || event.metaKey) return;
    const last = this.points.length - 1;
    const steps = last < 0 ? {} : { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, ArrowDown: this.series(1), ArrowUp: this.series(-1), Home: 0, End: last };
    if (event.key === "Escape") {
      event.preventDefault();
      live.delete(this.box);
      this.close();
    } else if (event.key in steps) {
      event.preventDefault();
      this.at = Math.min(Math.max(steps[event.key], 0), last);
      this.say();
    }
  }

  // The first point of the next or previous series.
  series(step) {
    const curves = [...new Set(this.points.map((point) => point.curve))];
    const now = curves.indexOf(this.points[Math.max(this.at, 0)].curve);
    const next = Math.min(Math.max(this.at < 0 ? 0 : now + step, 0), curves.length - 1);
    return this.points.findIndex((point) => point.curve === curves[next]);
  }

  say() {
    const { curve, point, text, name, inside } = this.points[this.at];
    if (inside) this.Plotly.Fx.hover(this.plot, { xval: inside[0], yval: inside[1] }, "xy");
    else this.Plotly.Fx.hover(this.plot, [{ curveNumber: curve, pointNumber: point }]);
    const words = `${text.includes(name) ? "" : `${name}: `}${text.replaceAll("<br>", ", ")}. Point ${this.at + 1} of ${this.points.length}.`;
    // The source stands below for all to see; only who hears the point needs it here.
    const source = document.createElement("span");
    source.className = "hush";
    source.textContent = ` ${this.box.querySelector(".source").textContent}`;
    this.spoken.replaceChildren(words, source);
  }
}

const live = new Map();

async function explore(box, button) {
  if (live.has(box)) {
    live.get(box).close();
    live.delete(box);
    return;
  }
  const spoken = box.querySelector(".live");
  button.setAttribute("aria-busy", "true");
  spoken.textContent = "Loading the live chart…";
  try {
    const [Plotly, answer] = await Promise.all([library(box.dataset.plotly), fetch(box.dataset.json)]);
    if (!answer.ok) throw new Error(`The figure answered ${answer.status}`);
    const found = await answer.json();
    const chart = new Live(box, found.figure || found);
    spoken.textContent = "";
    await chart.open(Plotly);
    live.set(box, chart);
  } catch (error) {
    spoken.textContent = `${error.message}. The drawing and its table show the same data.`;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

for (const box of document.querySelectorAll("figure.chart[data-json]")) {
  const button = box.querySelector("[data-explore]");
  button.hidden = false;
  button.addEventListener("click", () => explore(box, button));
}

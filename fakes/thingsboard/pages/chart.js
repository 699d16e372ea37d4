// A chart of a device's keys over time: a line for each, drawn as SVG from what ENTITY_DATA sends and then adds.
import { h } from "/assets/app.js";
import { follow } from "/assets/live.js";
import { time } from "/assets/parts.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [640, 260, 56, 28, 10, 12];
const COLOURS = ["#305680", "#ff6a3d", "#198038", "#8a3ffc", "#d12771", "#007d79", "#b28600", "#5c6b7c"];
const MOST_POINTS = 2000; // for each line
const REDRAW_MS = 250;

function svg(tag, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

// Steps of 1, 2 or 5 times a power of ten, some five of them.
function steps(low, high) {
  const raw = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= raw);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

export function chart(device, keys, minutes) {
  const lines = new Map(keys.map((key) => [key, []]));
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${keys.join(", ")} of ${device.name} over time` });
  const legend = h("p", { class: "legend" }, keys.map((key, index) => {
    const dot = h("span", { class: "dot" });
    dot.style.background = COLOURS[index % COLOURS.length];
    return h("span", {}, dot, `${key} `, h("strong", { "data-last": key }, ""));
  }));
  const none = h("p", { class: "empty" }, `No numbers in the last ${minutes} minutes.`);
  const element = h("div", { class: "chart" }, drawing, none, legend);
  let due = null;

  function add(key, ts, value) {
    const number = Number(value);
    if (value === "" || Number.isNaN(number)) return;
    const line = lines.get(key);
    const place = line.findLastIndex((point) => point[0] <= ts);
    if (place >= 0 && line[place][0] === ts) line[place][1] = number;
    else line.splice(place + 1, 0, [ts, number]);
    if (line.length > MOST_POINTS) line.splice(0, line.length - MOST_POINTS);
    if (line[line.length - 1][0] === ts) legend.querySelector(`[data-last="${CSS.escape(key)}"]`).textContent = value;
  }

  function draw() {
    due = null;
    const all = [...lines.values()].flat();
    none.hidden = all.length > 0;
    drawing.replaceChildren();
    drawing.toggleAttribute("hidden", !all.length);
    if (!all.length) return;
    const [times, values] = [all.map((point) => point[0]), all.map((point) => point[1])];
    const extent = (list, slack) => {
      const [low, high] = [list.reduce((a, b) => Math.min(a, b)), list.reduce((a, b) => Math.max(a, b))];
      return low === high ? [low - slack, high + slack] : [low, high];
    };
    const [from, to] = extent(times, 30_000);
    const [low, high] = extent(values, 1);
    const x = (ts) => LEFT + ((ts - from) / (to - from)) * (WIDTH - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - ((value - low) / (high - low)) * (HEIGHT - BOTTOM - TOP);
    for (const value of steps(low, high)) {
      drawing.append(svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value), class: "grid" }));
      drawing.append(svg("text", { x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, String(value)));
    }
    for (const [index, at] of [from, (from + to) / 2, to].entries()) {
      const anchor = ["start", "middle", "end"][index];
      drawing.append(svg("text", { x: x(at), y: HEIGHT - 8, "text-anchor": anchor }, time(Math.round(at)).slice(11) || String(at)));
    }
    for (const [index, line] of [...lines.values()].entries()) {
      const colour = COLOURS[index % COLOURS.length];
      const points = line.map(([ts, value]) => `${x(ts).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
      if (line.length > 1) drawing.append(svg("polyline", { points, stroke: colour, class: "line" }));
      for (const [ts, value] of line.length > 60 ? line.slice(-1) : line) {
        const dot = svg("circle", { cx: x(ts), cy: y(value), r: 2.6, fill: colour });
        dot.append(svg("title", {}, `${time(ts)}: ${value}`));
        drawing.append(dot);
      }
    }
  }

  const query = {
    entityFilter: { type: "singleEntity", singleEntity: { entityType: "DEVICE", id: device.id } },
    pageLink: { pageSize: 1, page: 0 },
    entityFields: [],
    latestValues: [],
  };
  const window_ms = minutes * 60_000;
  const tsCmd = { keys, startTs: Date.now() - window_ms, timeWindow: window_ms + 1000, limit: MOST_POINTS, agg: "NONE" };
  element.end = follow({ type: "ENTITY_DATA", query, tsCmd }, (update) => {
    for (const row of update.data?.data || update.update || []) {
      for (const [key, points] of Object.entries(row.timeseries || {})) {
        for (const { ts, value } of [...points].reverse()) if (lines.has(key)) add(key, ts, value);
      }
    }
    due ??= setTimeout(draw, update.data ? 0 : REDRAW_MS);
  });
  return element;
}

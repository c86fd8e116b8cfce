// Rows into a table that is also the chart: labels that lead on, no datatypes, a bar or a strip from two columns.
import { numberOf } from "./places.js";

export const MOST = 1000;
const SVG = "http://www.w3.org/2000/svg";

function element(name, given = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(given)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function drawn(...children) {
  const made = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["class", "marks"], ["aria-hidden", "true"], ["focusable", "false"]]) made.setAttribute(key, value);
  for (const [name, given, text] of children) {
    const child = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(given)) child.setAttribute(key, value);
    if (text !== undefined) child.textContent = text;
    made.append(child);
  }
  return made;
}

/** Returns which columns hold numbers alone. */
export function numeric(names, rows) {
  return names.filter((name) => {
    const terms = rows.map((row) => row[name]).filter(Boolean);
    return terms.length > 0 && terms.every((term) => numberOf(term) !== null);
  });
}

/** Returns the rows as a table; `show` turns a term into what stands in its cell. */
export function plainTable(names, rows, show, caption) {
  const numbers = new Set(numeric(names, rows));
  const kind = (name) => (numbers.has(name) ? { class: "n" } : {});
  const head = element("tr", {}, ...names.map((name) => element("th", { scope: "col", ...kind(name) }, name)));
  const cells = (row) => names.map((name) => element("td", kind(name), row[name] ? show(row[name]) : ""));
  const body = rows.map((row) => element("tr", {}, ...cells(row)));
  return element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
}

/** Returns a picture table of a column of names and a column of numbers. */
export function pictureTable({ kind, name, number }, rows, show, caption, words) {
  const lines = kind === "bar" ? single(rows, name, number) : grouped(rows, name, number);
  const values = lines.flatMap((line) => line.values);
  const draw = kind === "bar" ? bars(values) : strips(values);
  const labels = kind === "bar" ? [number] : [words.median, words.count];
  const figures = (line) => (kind === "bar" ? [line.printed] : [rounded(median(line.values)), String(line.values.length)]);
  const head = element(
    "tr", {}, element("th", { scope: "col" }, name),
    element("td", { class: "picture" }, kind === "bar" ? "" : scale(values)),
    ...labels.map((label) => element("th", { scope: "col", class: "n" }, label)),
  );
  const body = lines.map((line) =>
    element(
      "tr", {}, element("th", { scope: "row" }, line.term ? show(line.term) : "–"),
      element("td", { class: "picture" }, draw(line.values)),
      ...figures(line).map((figure) => element("td", { class: "n" }, figure)),
    ),
  );
  return element("table", {}, element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...body));
}

function single(rows, name, number) {
  return rows
    .filter((row) => numberOf(row[number]) !== null)
    .map((row) => ({ term: row[name], values: [numberOf(row[number])], printed: row[number].value }));
}

function grouped(rows, name, number) {
  const found = new Map();
  for (const row of rows) {
    const value = numberOf(row[number]);
    if (value === null) continue;
    const key = row[name]?.value ?? "";
    if (!found.has(key)) found.set(key, { term: row[name], values: [] });
    found.get(key).values.push(value);
  }
  return [...found.values()];
}

function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const half = sorted.length / 2;
  return sorted.length % 2 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

const rounded = (value) => String(Number(value.toPrecision(6)));

function bars(values) {
  const most = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
  return ([value]) =>
    drawn(
      ["rect", { class: "track", y: 9, height: 12, width: "100%" }],
      ["rect", { ...(value < 0 ? { class: "over" } : {}), y: 9, height: 12, width: `${(Math.abs(value) / most) * 100}%` }],
    );
}

function strips(values) {
  const at = axis(values);
  return (own) =>
    drawn(
      ...[0, 1].map((end) => ["line", { class: "tick", x1: `${2 + 96 * end}%`, x2: `${2 + 96 * end}%`, y2: 30 }]),
      ...own.map((value) => ["circle", { cx: at(value), cy: 15, r: 4 }]),
      ...(own.length > 1 ? [["line", { class: "median", x1: at(median(own)), x2: at(median(own)), y1: 4, y2: 26 }]] : []),
    );
}

function axis(values) {
  const least = values.reduce((one, other) => Math.min(one, other), Infinity);
  const most = values.reduce((one, other) => Math.max(one, other), -Infinity);
  return (value) => `${2 + (most > least ? (96 * (value - least)) / (most - least) : 48)}%`;
}

function scale(values) {
  if (!values.length) return "";
  const ends = [...new Set([values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))])];
  const at = axis(values);
  return drawn(...ends.map((value) => ["text", { x: at(value), y: 20 }, rounded(value)]));
}

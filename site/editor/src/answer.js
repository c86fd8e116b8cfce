// An answer of an engine into what stands below the editor: a table with its pictures, yes or no, or a text.
import { labelsOf, pageOf, short } from "./places.js";
import { MOST, numeric, pictureTable, plainTable } from "./table.js";

const $ = (name) => document.getElementById(name);
const LONGEST_TEXT = 200_000;

/** Shows an answer, and says how many rows it has and how long it took in milliseconds. */
export async function showAnswer({ kind, body }, { settings, ask, took, say }) {
  const { words } = settings;
  const time = words.took.replace("{seconds}", (took / 1000).toFixed(took < 995 ? 2 : 1));
  $("answer").hidden = false;
  $("pictures").hidden = true;
  if (kind === "text/turtle") {
    put("text", Object.assign(document.createElement("pre"), { textContent: body.slice(0, LONGEST_TEXT), tabIndex: 0 }));
    return say(`${body.length > LONGEST_TEXT ? words.cut : words.graph} · ${time}`);
  }
  const { head, results, boolean } = JSON.parse(body);
  if (boolean !== undefined) {
    put("boolean", Object.assign(document.createElement("p"), { textContent: boolean ? words.yes : words.no }));
    return say(time);
  }
  const rows = results.bindings.slice(0, MOST);
  const caption = (rows.length < results.bindings.length ? words.first : words.rows)
    .replace("{shown}", rows.length).replace("{count}", results.bindings.length);
  let labels = new Map();
  const show = (term) => shown(term, labels, settings);
  const draw = () => drawRows(head.vars, rows, show, caption, words);
  chooser(head.vars, rows, draw);
  draw();
  const iris = [...new Set(rows.flatMap(Object.values).filter((term) => term.type === "uri").map((term) => term.value))];
  labels = await labelsOf(iris, ask, settings.language);
  if (labels.size) draw();
  say(`${caption} · ${time}`);
}

function put(kind, node) {
  $("answer").dataset.kind = kind;
  $("found").replaceChildren(node);
}

function drawRows(names, rows, show, caption, words) {
  const kind = $("picture").value;
  const made = kind === "table"
    ? plainTable(names, rows, show, caption)
    : pictureTable({ kind, name: $("names").value, number: $("numbers").value }, rows, show, caption, words);
  put("rows", made);
  for (const each of document.querySelectorAll(".columns")) each.hidden = kind === "table";
}

/** Offers pictures where a column holds numbers: the columns to draw, and how. */
function chooser(names, rows, draw) {
  const numbers = numeric(names, rows);
  const others = names.filter((name) => !numbers.includes(name));
  $("pictures").hidden = !numbers.length || !others.length;
  keep($("names"), others);
  keep($("numbers"), numbers);
  if ($("pictures").hidden) $("picture").value = "table";
  for (const select of [$("picture"), $("names"), $("numbers")]) select.onchange = draw;
}

/** Fills a choice and keeps what was chosen where it is still there. */
function keep(select, values) {
  const before = select.value;
  select.replaceChildren(...values.map((value) => new Option(value, value)));
  if (values.includes(before)) select.value = before;
}

function shown(term, labels, settings) {
  if (term.type !== "uri") return term.type === "bnode" ? `_:${term.value}` : term.value;
  const text = labels.get(term.value) ?? short(term.value, settings.prefixes);
  const page = pageOf(term.value, settings);
  if (!page) return Object.assign(document.createElement("span"), { textContent: text, title: term.value });
  return Object.assign(document.createElement("a"), { textContent: text, href: page, title: term.value });
}

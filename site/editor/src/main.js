// The query page: its form becomes an editor, its answers stand below it.
import { makeEditor } from "./editor.js";
import { Refusal, addressOf, askEndpoint } from "./engines.js";
import { browserEngine } from "./local.js";
import { showAnswer } from "./answer.js";
import { codeOf, linkTo } from "./share.js";
import { read } from "./vocabulary.js";

const $ = (name) => document.getElementById(name);
const settings = JSON.parse($("settings").textContent);
const { words } = settings;
const local = browserEngine(settings, $("where"), say);
let running;
let shown; // what the answer below belongs to: its query and where it was asked
let editor;

function say(text) {
  $("status").textContent = text;
}

function complain(error) {
  const place = error.line ? words.place.replace("{line}", error.line).replace("{column}", error.column) : "";
  $("error-text").textContent = place ? `${place}${error.message}` : error.message;
  $("error").hidden = false;
  $("error-go").hidden = !error.line;
  if (error.line) editor.mark(error);
}

function busy(on) {
  $("stop").hidden = !on;
  $("run").disabled = on;
}

/** Asks a query where the page says; a missing endpoint leads to this browser, which is offered and not chosen. */
async function run() {
  if (running) return;
  const query = editor.text();
  const here = $("where").value !== "";
  running = new AbortController();
  const { signal } = running;
  $("error").hidden = true;
  $("absent").hidden = true;
  busy(true);
  say(words.running);
  const began = performance.now();
  try {
    const engine = here ? await local.opened($("where").value, signal) : null;
    const ask = (text, format) => (engine ? engine.ask(text, format) : askEndpoint(settings.endpoint, text, signal));
    const answer = await ask(query);
    shown = { query, ask, here };
    await showAnswer(answer, { settings, ask, took: performance.now() - began, say });
    offer();
  } catch (error) {
    refused(error);
  } finally {
    running = undefined;
    busy(false);
  }
}

function refused(error) {
  if (error.name === "AbortError") return say(words.stopped);
  say("");
  if (!(error instanceof Refusal)) throw error;
  if (!error.absent) return complain(error);
  $("absent").hidden = false;
  return local.offer();
}

/** Shows the download of the answer and the code that asks the same. */
function offer() {
  $("csv").hidden = $("answer").dataset.kind !== "rows";
  $("csv").href = shown.here ? "#answer" : addressOf(settings.endpoint, shown.query, "csv");
  if (!shown.here) $("csv").download = "";
  $("share").hidden = false;
}

function share() {
  const query = editor.text();
  const endpoint = new URL(settings.endpoint, location.href).href;
  $("link").textContent = linkTo(query);
  $("link").href = linkTo(query);
  for (const [name, text] of Object.entries(codeOf(query, endpoint))) document.querySelector(`#share code.${name}`).textContent = text;
}

/** Hands the CSV of an answer of this browser to the person; that of the endpoint is a plain link. */
async function download(event) {
  if (!shown.here) return;
  event.preventDefault();
  const { body } = await shown.ask(shown.query, "text/csv");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([body], { type: "text/csv" }));
  link.download = "answer.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function put(query) {
  editor.put(query);
  $("ask").scrollIntoView();
  editor.focus();
}

function examples() {
  $("example").addEventListener("change", ({ target }) => {
    const chosen = document.querySelector(`#${CSS.escape(target.value)} code`);
    if (chosen) editor.put(chosen.textContent);
  });
  for (const button of document.querySelectorAll("button.fill")) {
    button.addEventListener("click", () => put(button.closest("details").querySelector("code").textContent));
  }
}

async function begin() {
  const form = $("ask");
  const area = form.elements.query;
  const asked = new URLSearchParams(location.search).get("query");
  const vocabulary = read(await (await fetch(settings.vocabulary)).json());
  editor = makeEditor($("editor"), {
    text: asked ?? area.value, vocabulary, language: settings.language, words, run,
    changed: () => {
      area.value = editor.text();
      $("error").hidden = true;
      if ($("share").open) share();
    },
  });
  for (const shownNow of document.querySelectorAll(".scripted")) shownNow.hidden = false;
  for (const replaced of document.querySelectorAll(".unscripted")) replaced.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  $("stop").addEventListener("click", () => {
    running?.abort();
    local.end();
  });
  $("error-go").addEventListener("click", () => editor.focus());
  $("absent-run").addEventListener("click", async () => {
    await local.choose();
    run();
  });
  $("share").addEventListener("toggle", () => $("share").open && share());
  $("csv").addEventListener("click", download);
  examples();
  document.body.dataset.ready = "true";
}

begin();

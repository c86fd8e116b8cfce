// The search page in the browser: the same answer as the endpoint's, from the index beside the page.
const form = document.querySelector("form.find");
const kinds = ["question", "unit", "statement", "indicator"];
let known;

async function index() {
  if (!known) {
    const answer = await (await fetch(form.dataset.index)).json();
    const folds = new Map();
    const pairs = Array.from(answer.fold);
    for (let at = 0; at < pairs.length; at += 2) folds.set(pairs[at], pairs[at + 1]);
    const fold = (text) =>
      Array.from(text.normalize("NFKC").toLowerCase(), (char) => folds.get(char) ?? char).join("").replace(/\s/gu, "");
    const notes = answer.notes.map(fold);
    const entries = answer.entries.map(([kind, title, path, note]) => ({
      kind, title, path, note: answer.notes[note], folded: fold(title), foldedNote: notes[note],
    }));
    known = { fold, entries };
  }
  return known;
}

function matches(entries, words) {
  const found = [];
  for (const entry of entries) {
    if (words.every((word) => entry.folded.includes(word) || entry.foldedNote.includes(word))) {
      const at = entry.folded.indexOf(words[0]);
      found.push([entry.kind, at < 0 ? entry.folded.length : at, entry]);
    }
  }
  return found.sort((one, other) => one[0] - other[0] || one[1] - other[1]).map((each) => each[2]);
}

function item(entry) {
  const made = document.createElement("li");
  const link = document.createElement("a");
  link.href = form.dataset.root + entry.path;
  link.textContent = entry.title;
  const note = document.createElement("small");
  note.textContent = [form.dataset[kinds[entry.kind]], entry.note].filter(Boolean).join(" · ");
  made.append(link, " ", note);
  return made;
}

async function show() {
  const query = form.elements.q.value.slice(0, 200);
  const { fold, entries } = await index();
  const words = query.split(/\s+/u).map(fold).filter(Boolean);
  const found = words.length ? matches(entries, words) : [];
  document.querySelector("#found").replaceChildren(...found.slice(0, 50).map(item));
  const said = found.length ? (found.length > 50 ? form.dataset.more : form.dataset.some) : form.dataset.none;
  document.querySelector("#said").textContent = words.length ? said.replace("{count}", found.length) : "";
  document.body.dataset.searched = query;
}

if (form) {
  const asked = new URLSearchParams(location.search).get("q");
  if (asked !== null) form.elements.q.value = asked;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    history.replaceState(null, "", "?" + new URLSearchParams({ q: form.elements.q.value }));
    show();
  });
  form.elements.q.addEventListener("input", show);
  if (form.elements.q.value) show();
}

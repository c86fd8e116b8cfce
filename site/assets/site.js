// The search page in the browser: the same answer as the endpoint's, from the index beside the page, which is one list,
// or shards of which the words need a few.
const form = document.querySelector("form.find");
const kinds = ["question", "unit", "statement", "indicator"];
const LAST = 2 ** 24; // behind every place in a title, and above the number of every entry
const read = new Map();
let known;

async function index() {
  if (!known) {
    const answer = await (await fetch(form.dataset.index)).json();
    const folds = new Map();
    const pairs = Array.from(answer.fold);
    for (let at = 0; at < pairs.length; at += 2) folds.set(pairs[at], pairs[at + 1]);
    const fold = (text) =>
      Array.from(text.normalize("NFKC").toLowerCase(), (char) => folds.get(char) ?? char).join("").replace(/\s/gu, "");
    known = { fold, find: answer.shards === undefined ? listed(answer, fold) : sharded(answer) };
  }
  return known;
}

// The index as one list: look at each entry.
function listed(answer, fold) {
  const notes = answer.notes.map(fold);
  const entries = answer.entries.map(([kind, title, path, note]) => ({
    kind, title, path, note: answer.notes[note], folded: fold(title), foldedNote: notes[note],
  }));
  return async (words, most) => {
    const found = [];
    for (const entry of entries) {
      if (words.every((word) => entry.folded.includes(word) || entry.foldedNote.includes(word))) {
        const at = entry.folded.indexOf(words[0]);
        found.push([entry.kind, at < 0 ? LAST : at, entry]);
      }
    }
    found.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    return { count: found.length, first: found.slice(0, most).map((each) => each[2]) };
  };
}

// The index in shards: lists of places by pairs of characters, as endpoint/pages/search_index.py writes them.
function sharded({ kinds: sizes, blocks, shards }) {
  const firsts = Array.from(shards, (char) => char.codePointAt(0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const before = (sorted, value) => {
    let low = 0, high = sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const file = (name, how) => {
    if (!read.has(name)) read.set(name, fetch(new URL(name, new URL(form.dataset.index, location))).then(how));
    return read.get(name);
  };

  async function shard(first) {
    const number = before(firsts, first.codePointAt(0));
    return number < 0 ? undefined : file(`pairs-${number}.bin`, async (answer) => {
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const start = 4 + new DataView(bytes.buffer).getUint32(0, true);
      const lists = new Map();
      let at = start;
      const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, start)));
      for (const [first, seconds, ...lengths] of head) {
        Array.from(seconds).forEach((second, place) => {
          const [middle, end] = [at + lengths[2 * place], at + lengths[2 * place] + lengths[2 * place + 1]];
          lists.set(first + second, [bytes.subarray(at, middle), bytes.subarray(middle, end)]);
          at = end;
        });
      }
      return lists;
    });
  }

  // Places in a list as entry * LAST + place, in order; of notes also how many entries share each.
  function places(bytes, width) {
    const keys = [], counts = [];
    let number = 0, scale = 1, entry = 0, field = 0;
    for (const byte of bytes) {
      number += (byte & 127) * scale;
      scale *= 128;
      if (byte & 128) continue;
      if (field === 0) entry += number;
      else if (field === width - 1) keys.push(entry * LAST + number);
      else counts.push(number);
      field = (field + 1) % width;
      number = 0;
      scale = 1;
    }
    return { keys, counts };
  }

  // Where pairs stand one behind the other: a place of the first for which each other stands at its distance.
  function chained(lists, starts) {
    const [first, ...others] = lists;
    const sets = others.map((list) => new Set(list.keys));
    const kept = [];
    first.keys.forEach((key, at) => {
      if (sets.every((set, place) => set.has(key + starts[place + 1]))) kept.push([key, first.counts[at] ?? 1]);
    });
    return kept;
  }

  async function hits(word) {
    const chars = Array.from(word);
    const found = [[], []];
    if (chars.length === 1) {
      for (const [pair, lists] of (await shard(word)) ?? []) {
        if (!pair.startsWith(word)) continue;
        for (const kind of [0, 1]) found[kind] = found[kind].concat(chained([places(lists[kind], 2 + kind)], [0]));
      }
      return found;
    }
    const starts = [];
    for (let at = 0; at < chars.length - 1; at += 2) starts.push(at);
    if (starts.at(-1) !== chars.length - 2) starts.push(chars.length - 2);
    const lists = await Promise.all(starts.map(async (at) => (await shard(chars[at]))?.get(chars[at] + chars[at + 1])));
    if (!lists.every(Boolean)) return found;
    return [0, 1].map((kind) => chained(lists.map((list) => places(list[kind], 2 + kind)), starts));
  }

  async function entry(number, kind) {
    const block = before(blocks, number);
    const groups = await file(`entries-${block}.json`, (answer) => answer.json());
    let rest = number - blocks[block];
    for (const [note, stem, ...pairs] of groups) {
      if (rest < pairs.length / 2) return { kind, note, title: pairs[2 * rest], path: stem + pairs[2 * rest + 1] };
      rest -= pairs.length / 2;
    }
  }

  return async (words, most) => {
    const seen = new Uint8Array(total), at = new Uint32Array(total).fill(LAST);
    const every = await Promise.all(words.map(hits));
    every.forEach(([titles, notes], turn) => {
      const mark = (number) => { if (seen[number] === turn) seen[number] = turn + 1; };
      for (const [key] of titles) {
        const number = Math.floor(key / LAST);
        if (turn === 0) at[number] = Math.min(at[number], key % LAST);
        mark(number);
      }
      for (const [key, count] of notes) for (let more = 0; more < count; more += 1) mark(Math.floor(key / LAST) + more);
    });
    const first = [];
    let count = 0, number = 0;
    for (const [kind, size] of sizes.entries()) {
      const keys = [];
      for (const end = number + size; number < end; number += 1) {
        if (seen[number] === words.length) keys.push(at[number] * LAST + number);
      }
      count += keys.length;
      if (first.length < most) {
        for (const key of Float64Array.from(keys).sort().subarray(0, most - first.length)) first.push([key % LAST, kind]);
      }
    }
    return { count, first: await Promise.all(first.map(([number, kind]) => entry(number, kind))) };
  };
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
  const { fold, find } = await index();
  const words = query.split(/\s+/u).map(fold).filter(Boolean);
  const { count, first } = words.length ? await find(words, 50) : { count: 0, first: [] };
  if (query !== form.elements.q.value.slice(0, 200)) return; // typed on meanwhile: another answer is under way
  document.querySelector("#found").replaceChildren(...first.map(item));
  const said = count ? (count > 50 ? form.dataset.more : form.dataset.some) : form.dataset.none;
  document.querySelector("#said").textContent = words.length ? said.replace("{count}", count) : "";
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

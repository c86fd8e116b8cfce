// What is typed into what may follow: classes, properties and concepts by name or by label, variables, keywords.
import { possible } from "./vocabulary.js";
import { prefixes, prologue, tokens, walk } from "./scan.js";

const KEYWORDS = (
  "SELECT DISTINCT WHERE FILTER OPTIONAL UNION MINUS BIND VALUES AS LIMIT OFFSET PREFIX ASK CONSTRUCT DESCRIBE " +
  "GRAPH EXISTS NOT IN HAVING DESC ASC"
).split(" ").concat("GROUP BY", "ORDER BY");
const FUNCTIONS = (
  "COUNT SUM AVG MIN MAX SAMPLE GROUP_CONCAT STR LANG CONTAINS STRSTARTS REGEX REPLACE CONCAT COALESCE IF BOUND ROUND YEAR"
).split(" ");
const WORD = /[?$]?[\p{L}\p{N}_-]*(?::[\p{L}\p{N}_.-]*)?$/u;
const MOST = 200;

/** Returns the completion source of a vocabulary, with labels in a language first. */
export function source(vocabulary, language) {
  return (context) => {
    const text = context.state.doc.toString();
    const word = WORD.exec(text.slice(0, context.pos))[0];
    const from = context.pos - word.length;
    const found = tokens(text);
    if (found.some((token) => /string|comment|iri/u.test(token.kind) && token.from < context.pos && context.pos < token.to + ended(token))) return null;
    const place = walk(found, from);
    if (!word && !context.explicit && place.slot !== "predicate") return null;
    if (!word && !context.explicit && !/[\s/;]$/u.test(text.slice(0, from))) return null;
    const options = word.startsWith("?") || word.startsWith("$")
      ? variables(found, word, from)
      : [...terms(place, found, text, vocabulary, word, language), ...words(place, word)];
    return options.length ? { from, options, filter: false } : null;
  };
}

// A comment and an unfinished string go on at their end.
const ended = (token) => (token.kind === "comment" || (token.kind === "string" && !/["']$/u.test(token.text)) ? 1 : 0);

function variables(found, word, at) {
  const known = new Set(found.filter((token) => token.kind === "variable" && token.from !== at).map((token) => token.text));
  return [...known].filter((name) => name.startsWith(word) && name !== word).map((label) => ({ label, type: "variable" }));
}

function words(place, word) {
  if (!word || word.includes(":")) return [];
  const wanted = word.toUpperCase();
  const known = place.slot === "expression" ? FUNCTIONS.map((name) => `${name}(`) : place.slot === "object" || place.slot === "predicate" ? [] : [...KEYWORDS, ...FUNCTIONS];
  return known.filter((name) => name.startsWith(wanted)).map((label) => ({ label, type: "keyword" }));
}

function terms(place, found, text, vocabulary, word, language) {
  const all = walk(found).triples;
  const { declared } = prefixes(found);
  const { kind, terms: known } = possible(place, all, declared, vocabulary);
  const wanted = word.toLowerCase();
  const ranked = known
    .map((term) => [rank(term, wanted), term])
    .filter(([place]) => place >= 0)
    .sort((one, other) => one[0] - other[0] || (other[1].count ?? 0) - (one[1].count ?? 0) || own(other[1]) - own(one[1]));
  return ranked.slice(0, MOST).map(([, term]) => option(term, kind, language));
}

/** Returns whether a term is one of our ontology's: between equals it stands first. */
const own = ({ name }) => Number(name.startsWith("fp:"));

/** Returns how well a term fits what is typed: 0 is best, -1 not at all. */
function rank({ name, zh, en }, wanted) {
  const own = name.toLowerCase();
  if (!wanted || own.startsWith(wanted)) return 0;
  if (own.slice(own.indexOf(":") + 1).startsWith(wanted) || zh.startsWith(wanted)) return 1;
  return own.includes(wanted) || zh.includes(wanted) || en.toLowerCase().includes(wanted) ? 2 : -1;
}

function option({ name, zh, en, count }, type, language) {
  const label = language === "en" ? [en, zh] : [zh, en];
  const number = count === undefined ? "" : count.toLocaleString("en");
  return { label: name, type, detail: [label.filter(Boolean)[0], number].filter(Boolean).join(" · "), apply };
}

// The prefix of what is taken over is declared by the filter in editor.js, in the same step.
function apply(view, completion, from, to) {
  view.dispatch({
    changes: { from, to, insert: completion.label },
    selection: { anchor: from + completion.label.length },
    userEvent: "input.complete",
  });
}

/** Returns the change that declares every known prefix which a text uses undeclared; none where there is none. */
export function declaration(text, known) {
  const missing = prefixes(tokens(text)).missing.filter((name) => Object.hasOwn(known, name));
  if (!missing.length) return null;
  return { from: prologue(text), insert: missing.map((name) => `PREFIX ${name}: <${known[name]}>\n`).join("") };
}

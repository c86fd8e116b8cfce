// The text of a query into tokens, and into what is known where: prefixes, variables, classes, the place of the cursor.

const KINDS = [
  ["iri", /<[^<>"{}|^`\\\s]*>/uy],
  ["comment", /#[^\n\r]*/uy],
  ["string", /"""(?:[^"\\]|\\.|"(?!""))*(?:"""|$)|'''(?:[^'\\]|\\.|'(?!''))*(?:'''|$)/suy],
  ["string", /"(?:[^"\\\n\r]|\\.)*"?|'(?:[^'\\\n\r]|\\.)*'?/uy],
  ["variable", /[?$][\p{L}\p{N}_]+/uy],
  ["language", /@[a-zA-Z-]+/uy],
  ["name", /(?:[\p{L}_][\p{L}\p{N}_-]*(?:\.[\p{L}\p{N}_-]+)*)?:(?:[\p{L}\p{N}_:%\\-]|\.(?=[\p{L}\p{N}_:-]))*/uy],
  ["number", /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/uy],
  ["word", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["sign", /\^\^|&&|\|\||[<>!]=|./suy],
];

/** Returns tokens as {kind, text, from, to}; blanks are left out. */
export function tokens(text) {
  const found = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/u.test(text[at])) {
      at += 1;
      continue;
    }
    for (const [kind, pattern] of KINDS) {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match) {
        found.push({ kind, text: match[0], from: at, to: pattern.lastIndex });
        at = pattern.lastIndex;
        break;
      }
    }
  }
  return found;
}

/** Returns the prefixes that a query declares, by name, and those that it uses undeclared. */
export function prefixes(found) {
  const declared = new Map();
  const used = new Set();
  found.forEach((token, at) => {
    if (token.kind !== "name") return;
    const name = token.text.slice(0, token.text.indexOf(":"));
    const before = found[at - 1];
    if (before?.kind === "word" && before.text.toUpperCase() === "PREFIX") {
      declared.set(name, found[at + 1]?.kind === "iri" ? found[at + 1].text.slice(1, -1) : "");
    } else if (name !== "_") used.add(name);
  });
  return { declared, missing: [...used].filter((name) => !declared.has(name)) };
}

/** Returns where a new PREFIX line goes: before the first line that is no comment. */
export function prologue(text) {
  return /^(?:\s*#[^\n]*\n)*/u.exec(text)[0].length;
}

/** Returns the form of a query, SELECT where it names none. */
export function form(text) {
  const known = new Set(["SELECT", "ASK", "CONSTRUCT", "DESCRIBE"]);
  const word = tokens(text).find((token) => token.kind === "word" && known.has(token.text.toUpperCase()));
  return word ? word.text.toUpperCase() : "SELECT";
}

const frame = (slot) => ({ slot, subject: "", predicate: "", via: "" });

/**
 * Walks triple patterns up to a place in the text: returns which slot of a triple is open there, with subject,
 * predicate and, in a path, the step before; and every triple passed, which may be all of the query.
 */
export function walk(found, until = Infinity) {
  const triples = [];
  let stack = [frame("none")];
  let blanks = 0;
  let skip = 0;
  for (const token of found) {
    if (token.to > until) break;
    if (token.kind === "comment") continue;
    const top = stack.at(-1);
    if (skip) skip -= 1;
    else if (token.kind === "sign") skip = sign(token.text, stack, top, () => `[${(blanks += 1)}`);
    else if (token.kind === "word" && token.text !== "a" && !/^(true|false)$/iu.test(token.text)) {
      if (/^(PREFIX|BASE)$/iu.test(token.text)) skip = token.text.toUpperCase() === "PREFIX" ? 2 : 1;
      else if (top.slot !== "none" && top.slot !== "expression") Object.assign(top, frame("subject"));
    } else if (token.kind !== "language") term(token.text, top, triples);
  }
  return { ...stack.at(-1), triples };
}

function sign(text, stack, top, blank) {
  if (text === "{") stack.push(frame("subject"));
  else if (text === "(") stack.push(frame("expression"));
  else if (text === "[") {
    const subject = blank();
    stack.push({ ...frame("predicate"), subject });
  } else if (text === "}" || text === ")" || text === "]") {
    if (stack.length > 1) stack.pop();
    const outer = stack.at(-1);
    if (text === "}") Object.assign(outer, frame(outer.slot === "none" ? "none" : "subject"));
    else if (text === "]") outer.slot = outer.slot === "subject" ? "predicate" : "end";
  } else if (text === "^^") return 1;
  else if (top.slot === "none" || top.slot === "expression") return 0;
  else if (text === ".") Object.assign(top, frame("subject"));
  else if (text === ";") Object.assign(top, { slot: "predicate", predicate: "", via: "" });
  else if (text === ",") top.slot = "object";
  else if (text === "/" && top.slot === "object") {
    Object.assign(top, { slot: "predicate", via: top.predicate, predicate: "" });
  } else if (text === "|" && top.slot === "object") top.slot = "predicate";
  return 0;
}

function term(text, top, triples) {
  if (top.slot === "subject") Object.assign(top, { slot: "predicate", subject: text, predicate: "", via: "" });
  else if (top.slot === "predicate") Object.assign(top, { slot: "object", predicate: text });
  else if (top.slot === "object") {
    triples.push({ subject: top.subject, predicate: top.predicate, object: text, path: Boolean(top.via) });
    top.slot = "end";
  }
}

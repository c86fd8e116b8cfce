// The file that says which classes and properties the data hold into answers to "what may stand here".

const TYPES = new Set(["a", "rdf:type", "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"]);

/** Returns the vocabulary with its properties by name and those of each class. */
export function read(content) {
  const properties = content.properties.map(([name, count, zh, en, range]) => ({ name, count, zh, en, range }));
  const classes = content.classes.map(([name, count, zh, en, own]) => ({
    name, count, zh, en, own: own.map(([at, times]) => ({ ...properties[at], count: times })),
  }));
  const concepts = content.concepts.map(([name, zh, en]) => ({ name, zh, en }));
  return {
    ...content, properties, classes, concepts,
    byName: new Map([...properties, ...classes, ...concepts].map((term) => [term.name, term])),
  };
}

/** Returns a name with the prefix that the data's own files use, whatever a query calls it. */
function usual(name, declared, vocabulary) {
  const at = name.indexOf(":");
  if (at < 0 || name.startsWith("<")) return name;
  const space = declared.get(name.slice(0, at));
  const own = Object.entries(vocabulary.prefixes).find(([, known]) => known === space);
  return own ? `${own[0]}${name.slice(at)}` : name;
}

/** Returns the classes that a term of a query has: said by the query, or by the range of the property before it. */
function classesOf(subject, triples, say, vocabulary) {
  const found = new Set();
  for (const triple of triples) {
    if (triple.subject === subject && !triple.path && TYPES.has(say(triple.predicate))) found.add(say(triple.object));
    if (triple.object === subject) {
      const range = vocabulary.byName.get(say(triple.predicate))?.range;
      if (range) found.add(range);
    }
  }
  return [...found].map((name) => vocabulary.byName.get(name)).filter((term) => term?.own);
}

/** Returns the properties of some classes, each once with its largest count. */
function propertiesOf(classes) {
  const found = new Map();
  for (const { own } of classes) {
    for (const property of own) {
      if (!(found.get(property.name)?.count >= property.count)) found.set(property.name, property);
    }
  }
  return [...found.values()];
}

/** Returns the terms that may stand at a place: {kind, terms}; none where no triple is open. */
export function possible(place, triples, declared, vocabulary) {
  const say = (name) => usual(name, declared, vocabulary);
  if (place.slot === "predicate") {
    const step = place.via && vocabulary.byName.get(say(place.via))?.range;
    const classes = place.via
      ? [vocabulary.byName.get(step)].filter((term) => term?.own)
      : classesOf(place.subject, triples, say, vocabulary);
    return { kind: "property", terms: classes.length ? propertiesOf(classes) : vocabulary.properties };
  }
  if (place.slot === "object") {
    return TYPES.has(say(place.predicate))
      ? { kind: "class", terms: vocabulary.classes }
      : { kind: "constant", terms: vocabulary.concepts };
  }
  return { kind: "", terms: [] };
}

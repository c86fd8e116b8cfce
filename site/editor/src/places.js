// IRIs into what people read and where it leads: labels asked of the same engine, pages of this site.

const XSD = "http://www.w3.org/2001/XMLSchema#";
const SCHEME = /^https:\/\/w3id\.org\/fiscalkg\/scheme\/([a-z0-9-]+)(?:\/(.+))?$/u;
const MOST = 400;

/** Returns the query for the labels of IRIs. */
function labelsQuery(iris) {
  const values = iris.map((iri) => `<${iri}>`).join(" ");
  return (
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#> " +
    `SELECT ?iri ?label { VALUES ?iri { ${values} } { ?iri rdfs:label ?label } UNION { ?iri skos:prefLabel ?label } }`
  );
}

/** Returns a map of IRIs to labels, those of the page's language before those of another. */
export async function labelsOf(iris, ask, language) {
  const usable = iris.filter((iri) => /^[^<>"{}|^`\\\s]+$/u.test(iri)).slice(0, MOST);
  const found = new Map();
  if (!usable.length) return found;
  const { body } = await ask(labelsQuery(usable));
  for (const { iri, label } of JSON.parse(body).results.bindings) {
    const own = (label["xml:lang"] ?? "").startsWith(language);
    if (own || !found.has(iri.value)) found.set(iri.value, label.value);
  }
  return found;
}

/** Returns the address of the page of an IRI, or null where this site has none. */
export function pageOf(iri, { base, root, section }) {
  if (iri.startsWith(base)) {
    const own = iri.slice(base.length);
    const part = /^(statement(?:\/[^/#]+){4})(?:\/indicator\/(\d+))?/u.exec(own);
    if (part) return `${root}${part[1]}.html${part[2] ? `#indicator-${part[2]}` : ""}`;
    return /^(unit|project|source)\//u.test(own) ? `${root}${own.split("#")[0]}.html` : null;
  }
  const scheme = SCHEME.exec(iri);
  if (scheme) return `${section}scheme/${scheme[1]}.html${scheme[2] ? `#${scheme[2]}` : ""}`;
  const term = /^https:\/\/w3id\.org\/fiscalkg\/ontology#(.+)$/u.exec(iri);
  return term ? `${section}ontology/#${term[1]}` : null;
}

/** Returns an IRI as short as prefixes make it. */
export function short(iri, prefixes) {
  const fits = Object.entries(prefixes).filter(([, space]) => iri.startsWith(space));
  const [name, space] = fits.sort((one, other) => other[1].length - one[1].length)[0] ?? [];
  return name === undefined ? iri : `${name}:${iri.slice(space.length)}`;
}

/** Returns the number a term stands for, or null. */
export function numberOf(term) {
  if (term?.type !== "literal" || !term.datatype?.startsWith(XSD)) return null;
  if (!/^(decimal|integer|double|float|int|long|nonNegativeInteger)$/u.test(term.datatype.slice(XSD.length))) return null;
  const value = Number(term.value);
  return Number.isFinite(value) ? value : null;
}

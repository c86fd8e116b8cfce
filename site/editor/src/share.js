// A query into a link and into programs that ask it: curl, Python, R, JavaScript. Each runs as it stands.

const PYTHON = (query, endpoint) => `import csv, io, urllib.parse, urllib.request

query = """${query.replace(/\\/gu, "\\\\").replace(/"/gu, '\\"')}"""
data = urllib.parse.urlencode({"query": query}).encode()
request = urllib.request.Request("${endpoint}", data, {"Accept": "text/csv"})
with urllib.request.urlopen(request) as answer:
    rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8", newline="")))
print(len(rows))
`;
const R = (query, endpoint) => `query <- ${raw(query)}
address <- paste0("${endpoint}?format=csv&query=", URLencode(enc2utf8(query), reserved = TRUE))
rows <- read.csv(url(address), encoding = "UTF-8")
print(nrow(rows))
`;
const JAVASCRIPT = (query, endpoint) => `const query = \`${query.replace(/[\\`]|\$(?=\{)/gu, "\\$&")}\`;
const answer = await fetch("${endpoint}", {
  method: "POST", headers: {Accept: "application/sparql-results+json"}, body: new URLSearchParams({query}),
});
const rows = (await answer.json()).results.bindings;
console.log(rows.length);
`;

/** Returns a raw string of R (4.0 and later) whose fence does not stand in the text. */
function raw(query) {
  let fence = "---";
  while (query.includes(`)${fence}"`)) fence += "-";
  return `r"${fence}(${query})${fence}"`;
}

/** Returns the code that asks a query, by the name of its language. */
export function codeOf(query, endpoint) {
  return {
    curl: `curl -s -H 'Accept: text/csv' --data-urlencode 'query=${query.replace(/'/gu, "'\\''")}' ${endpoint}\n`,
    python: PYTHON(query, endpoint),
    r: R(query, endpoint),
    javascript: JAVASCRIPT(query, endpoint),
  };
}

/** Returns the link that opens this page with a query filled in. */
export function linkTo(query) {
  return `${location.origin}${location.pathname}?${new URLSearchParams({ query })}`;
}

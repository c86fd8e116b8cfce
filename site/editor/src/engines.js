// A query into an answer {kind, body}, by the endpoint or by the engine in this browser.

const JSON_RESULTS = "application/sparql-results+json";
const LONGEST_ADDRESS = 4000;

/** An answer that was refused: `line` and `column`, from 1, where the query is at fault; `absent` for no endpoint. */
export class Refusal extends Error {
  constructor(message, { line, column, absent = false } = {}) {
    super(message);
    Object.assign(this, { line, column, absent });
  }
}

export function addressOf(endpoint, query, format) {
  return `${endpoint}?${new URLSearchParams({ query, ...(format ? { format } : {}) })}`;
}

/** Asks the endpoint; a static host answers with a page or not at all, and then there is none. */
export async function askEndpoint(endpoint, query, signal) {
  const address = addressOf(endpoint, query);
  const accept = { Accept: `${JSON_RESULTS}, text/turtle;q=0.9` };
  const asked = address.length < LONGEST_ADDRESS
    ? fetch(address, { headers: accept, signal })
    : fetch(endpoint, { method: "POST", headers: accept, body: new URLSearchParams({ query }), signal });
  const answer = await asked.catch((error) => {
    if (error.name === "AbortError") throw error;
    throw new Refusal(error.message, { absent: true });
  });
  const kind = (answer.headers.get("content-type") ?? "").split(";")[0];
  if (kind === "application/problem+json") {
    const problem = await answer.json();
    throw new Refusal(problem.detail, problem);
  }
  if (!answer.ok || ![JSON_RESULTS, "text/turtle"].includes(kind)) throw new Refusal(`${answer.status}`, { absent: true });
  return { kind, body: await answer.text() };
}

/** Returns an engine in a worker: {load, ask, end}; each call is answered by a message with its number. */
export function startWorker(address) {
  const worker = new Worker(address);
  const waiting = new Map();
  let count = 0;
  const settle = (id, use) => {
    const known = waiting.get(id);
    waiting.delete(id);
    if (known) use(known);
  };
  worker.onmessage = ({ data }) =>
    settle(data.id, ({ done, fail }) => (data.error === undefined ? done(data.answer) : fail(placed(data.error))));
  const fail = (message) => [...waiting.keys()].forEach((id) => settle(id, (known) => known.fail(new Refusal(message))));
  worker.onerror = (event) => fail(event.message || "the worker did not start");
  const send = (message) => new Promise((done, failed) => {
    waiting.set((count += 1), { done, fail: failed });
    worker.postMessage({ id: count, ...message });
  });
  return {
    load: (load) => send({ load }),
    ask: (query, format) => send({ ask: { query, format } }),
    end: () => {
      worker.terminate();
      [...waiting.keys()].forEach((id) => settle(id, (known) => known.fail(new DOMException("", "AbortError"))));
    },
  };
}

/** Returns an error of the engine with the place that its message names. */
function placed(message) {
  const found = /\bat (\d+):(\d+)/u.exec(message);
  return new Refusal(message, found ? { line: Number(found[1]), column: Number(found[2]) } : {});
}

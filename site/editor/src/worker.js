// Dumps and queries into answers, in a thread of its own: the engine of the endpoint, compiled for browsers.
import init, { Store } from "oxigraph";
import { form } from "./scan.js";

const LARGEST = 256 * 1024 * 1024; // bytes of a dump or of the engine, unpacked
let store;

/** Returns the bytes at an address, unpacked where the host has not done so. */
async function bytes(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const packed = new Uint8Array(await answer.arrayBuffer());
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const parts = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > LARGEST) throw new Error(`${address}: more than ${LARGEST} bytes`);
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function load({ engine, dumps }) {
  const [code, ...facts] = await Promise.all([engine, ...dumps].map(bytes));
  await init({ module_or_path: code });
  store = new Store();
  for (const part of facts) store.load(part, { format: "application/n-triples" });
  return { triples: store.size };
}

function ask({ query, format }) {
  const rows = /^(SELECT|ASK)$/u.test(form(query));
  const kind = rows ? (format ?? "application/sparql-results+json") : "text/turtle";
  return { kind, body: store.query(query, { results_format: kind }) };
}

addEventListener("message", async ({ data }) => {
  try {
    postMessage({ id: data.id, answer: await (data.load ? load(data.load) : ask(data.ask)) });
  } catch (error) {
    postMessage({ id: data.id, error: String(error?.message ?? error) });
  }
});

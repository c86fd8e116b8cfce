// Dumps and queries into answers, in a thread of its own: the engine of the endpoint, compiled for browsers.
import { Gunzip } from "fflate";
import init, { Store } from "oxigraph";
import { form } from "./scan.js";

const LARGEST = 256 * 1024 * 1024; // bytes of a dump or of the engine, unpacked
const STEP = 64 * 1024;
let store;

/** Returns the bytes at an address, unpacked where the host has not done so: every member of a gzip file. */
async function bytes(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const packed = new Uint8Array(await answer.arrayBuffer());
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return packed;
  const parts = [];
  let size = 0;
  const unpacking = new Gunzip((part) => { // what browsers bring for this reads the first member only
    size += part.length;
    if (size > LARGEST) throw new Error(`${address}: more than ${LARGEST} bytes`);
    parts.push(part);
  });
  for (let at = 0; at < packed.length; at += STEP) unpacking.push(packed.subarray(at, at + STEP), at + STEP >= packed.length);
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

// The choice of data to load into this browser, and the engine that holds what was chosen.
import { startWorker } from "./engines.js";

/**
 * Returns the engine of this browser: {opened, offer, choose, end}. `select` holds the endpoint as "" and one option
 * that fetches the list of parts when it is chosen.
 */
export function browserEngine(settings, select, say) {
  const { words } = settings;
  let engine;
  let loaded = "";
  let parts;

  async function offer() {
    if (parts) return;
    parts = (await (await fetch(settings.shards)).json()).parts;
    const options = parts.map(({ label, triples }, at) => {
      const text = words.part.replace("{label}", label[settings.language]).replace("{triples}", triples.toLocaleString("en"));
      return new Option(text, String(at));
    });
    select.querySelector("option[value=list]")?.remove();
    select.append(...options);
  }

  async function choose() {
    await offer();
    select.value = "0";
  }

  async function opened(value, signal) {
    if (value === "list") await choose();
    const chosen = select.value;
    if (engine && loaded === chosen) return engine;
    end();
    const part = parts[Number(chosen)];
    say(words.loading.replace("{label}", part.label[settings.language]));
    engine = startWorker(new URL(settings.worker, location.href));
    signal.addEventListener("abort", end, { once: true });
    const dumps = part.files.map((file) => new URL(settings.root + file, location.href).href);
    try {
      await engine.load({ engine: new URL(settings.engine, location.href).href, dumps });
    } catch (error) {
      end();
      throw error;
    }
    loaded = chosen;
    return engine;
  }

  function end() {
    engine?.end();
    engine = undefined;
    loaded = "";
  }

  select.addEventListener("change", () => select.value === "list" && choose());
  return { opened, offer, choose, end };
}

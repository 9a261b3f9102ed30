// The calls of the inspector's API. Each carries the token that came with the
// page.
const token = document.querySelector('meta[name="corsproxy-token"]').content;
const headers = { "X-Corsproxy-Inspector": token };

async function call(path, method = "GET") {
  const response = await fetch("/api/" + path, { method, headers, cache: "no-store" });
  if (!response.ok) throw new Error((await response.text()).trim());
  return response.json();
}

const of = (id) => "exchanges/" + encodeURIComponent(id);

export const api = {
  list: () => call("exchanges"),
  get: (id) => call(of(id)),
  reveal: (id) => call(of(id) + "/reveal", "POST"),
  replay: (id) => call(of(id) + "/replay", "POST"),
  har: (id, revealed) => (revealed ? call(of(id) + "/revealed-har", "POST") : call(of(id) + "/har")),
  harOfAll: () => call("har"),
  clear: () => call("clear", "POST"),
  routes: (origin, names) => call("routes?" + new URLSearchParams({ origin, headers: names })),
  settings: () => call("settings"),
};

// follow reads the stream of events, for ever. EventSource would do the same,
// but cannot send the token. A browser opens six connections to one server, and
// a stream is one of them, so a page that nobody sees gives its own back.
export async function follow({ ready, event, lost }) {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10000)) {
    if (document.hidden) {
      lost("Paused");
      await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
      wait = 250;
      continue;
    }
    const stop = new AbortController();
    const hide = () => { if (document.hidden) stop.abort(); };
    document.addEventListener("visibilitychange", hide);
    try {
      const response = await fetch("/api/events", { headers, cache: "no-store", signal: stop.signal });
      if (response.status === 401) {
        lost("corsproxy was started again. Load the page again.");
        return;
      }
      if (!response.ok) throw new Error(await response.text());
      await read(response.body, async (name, data) => {
        if (name === "ready") {
          wait = 500;
          await ready();
        } else {
          event(name, data);
        }
      });
      lost("The stream ended");
    } catch (error) {
      if (stop.signal.aborted) continue;
      lost(error instanceof TypeError ? "corsproxy does not answer" : error.message);
    } finally {
      document.removeEventListener("visibilitychange", hide);
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

// read takes a stream of server-sent events apart.
async function read(body, each) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      let name = "message";
      let data = "";
      for (const line of block.split("\n")) {
        if (line.startsWith("event: ")) name = line.slice(7);
        else if (line.startsWith("data: ")) data += line.slice(6);
      }
      if (data) await each(name, JSON.parse(data));
    }
  }
}

// What is shown comes from outside: from requests, answers and templates. It
// becomes text, here and nowhere else; the page's policy forbids markup made of
// strings altogether (Trusted Types).

// el makes an element. Properties that are functions listen to the event of
// that name; children are elements, texts, or nothing.
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function milliseconds(ms) {
  if (ms < 10) return ms.toFixed(1) + " ms";
  if (ms < 1000) return Math.round(ms) + " ms";
  if (ms < 60000) return (ms / 1000).toFixed(ms < 10000 ? 2 : 1) + " s";
  return Math.floor(ms / 60000) + " min " + Math.round((ms % 60000) / 1000) + " s";
}

export function bytes(n) {
  if (n < 1000) return n + " B";
  if (n < 1e6) return (n / 1000).toFixed(1) + " kB";
  return (n / 1e6).toFixed(1) + " MB";
}

export function clock(iso) {
  return new Date(iso).toLocaleTimeString([], { hour12: false });
}

// statusClass is how a status is coloured; the number says it too.
export function statusClass(x) {
  if (x.pending) return "pending";
  if (!x.status) return "none";
  return { 3: "redirect", 4: "client", 5: "server" }[Math.floor(x.status / 100)] ?? "";
}

export function statusText(x) {
  if (x.pending) return "…";
  return x.status ? String(x.status) : "none";
}

const allowed = (x) => (x.kind === "preflight" ? "allowed" : "readable");

// outcome puts what the browser does into a word, and its name for it.
export function outcome(x) {
  switch (x.outcome) {
    case "blocked":
      return { kind: "bad", text: "blocked", name: x.verdict };
    case "plain": // without credentials, which is what most requests are
      return { kind: "plain", text: allowed(x) + ", not with credentials", name: "" };
    case "readable":
      return { kind: "good", text: allowed(x), name: "" };
  }
  return null;
}

let toastTimer;
export function toast(text) {
  byId("toast").textContent = text;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { byId("toast").textContent = ""; }, 3500);
}

// announce tells a screen reader, and no more often than can be listened to.
let announced = 0;
let waiting;
export function announce(text) {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    announced = Date.now();
    byId("announce").textContent = text;
  }, Math.max(0, announced + 3000 - Date.now()));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied");
  } catch {
    toast("The browser did not allow copying: select the text below");
  }
}

export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = el("a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

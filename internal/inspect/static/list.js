// The list of exchanges: newest first, kept up to date row by row.
import { announce, byId, clock, el, milliseconds, outcome, statusClass, statusText } from "./dom.js";

const most = 1000;
const rows = new Map(); // id to { x, node }
let clearedAt = 0;
let current = ""; // the id that is selected

export const list = {
  selected: () => current,
  get: (id) => rows.get(id)?.x,

  // put takes over the state of an exchange, unless it is older than what is
  // known.
  put(x, fresh = true) {
    const known = rows.get(x.id);
    if (x.rev <= clearedAt || (known && known.x.rev >= x.rev)) return;
    const node = row(x);
    if (known) {
      const focused = known.node.contains(document.activeElement);
      known.node.replaceWith(node);
      if (focused) node.querySelector("a").focus();
    } else {
      if (fresh) node.classList.add("fresh");
      insert(x, node);
    }
    rows.set(x.id, { x, node });
    drop();
    show(x, node);
    summarize();
    if (fresh && !x.pending && !node.hidden) announce(spoken(x));
  },

  cleared(rev) {
    clearedAt = Math.max(clearedAt, rev);
    for (const [id, { x, node }] of rows) {
      if (x.rev > clearedAt) continue;
      node.remove();
      rows.delete(id);
    }
    summarize();
  },

  // keep drops what the server does not have any more.
  keep(ids) {
    for (const [id, { node }] of rows) {
      if (!ids.has(id)) {
        node.remove();
        rows.delete(id);
      }
    }
    summarize();
  },

  filter() {
    for (const { x, node } of rows.values()) show(x, node);
    summarize();
  },

  select(id, focus = false) {
    rows.get(current)?.node.removeAttribute("aria-current");
    current = id;
    const known = rows.get(id);
    if (!known) return;
    known.node.setAttribute("aria-current", "true");
    if (focus) known.node.querySelector("a").focus({ preventScroll: true });
    known.node.scrollIntoView({ block: "nearest" });
    tabStop();
  },

  // step returns the id of the next shown row in a direction.
  step(by) {
    const shown = [...byId("rows").children].filter((n) => !n.hidden);
    if (shown.length === 0) return "";
    const at = shown.findIndex((n) => n.dataset.id === current);
    const next = at < 0 ? (by > 0 ? 0 : shown.length - 1) : Math.min(Math.max(at + by, 0), shown.length - 1);
    return shown[next].dataset.id;
  },

  focus() {
    tabStop(); // what is shown may have changed since
    const link = byId("rows").querySelector('tr:not([hidden]) a[tabindex="0"]');
    (link ?? byId("text")).focus();
  },
};

function row(x) {
  const verdict = outcome(x);
  const notes = [];
  // The code of what blocks has the same name in other letters.
  if (verdict?.name && x.name.replaceAll("-", "") !== verdict.name.toLowerCase()) notes.push(verdict.name);
  if (x.code) notes.push(x.code + " " + x.name);
  else if (x.error) notes.push(x.error);
  if (x.deployed) notes.push("deployed: " + x.deployed);
  if (x.replayOf) notes.unshift("replay");
  if (x.upgraded) notes.unshift("WebSocket");
  const node = el("tr", { "data-id": x.id, class: x.kind },
    el("td", { class: "c-time" }, clock(x.start)),
    el("td", { class: "c-method" }, el("span", { class: "method" }, x.method || "—"), x.asks && " ", x.asks && el("span", { class: "sub" }, "for " + x.asks)),
    el("td", { class: "c-path" },
      el("a", { href: "#/exchanges/" + encodeURIComponent(x.id), tabindex: "-1", title: x.target }, x.target || "(not readable)")),
    el("td", { class: "c-status" }, el("span", { class: "status " + statusClass(x) }, statusText(x), x.pending && el("span", { class: "sr" }, "pending"))),
    el("td", { class: "c-verdict" },
      verdict && el("span", { class: "tag " + verdict.kind }, verdict.text),
      !verdict && !x.pending && notes.length === 0 && el("span", { class: "dim" }, x.origin ? "" : "no origin"),
      notes.map((n) => el("span", { class: "sub", title: n }, n))),
    el("td", { class: "c-took" }, x.pending ? "" : milliseconds(x.durationMs)));
  if (x.id === current) node.setAttribute("aria-current", "true");
  return node;
}

// insert puts a row where it belongs: those that began later stand above.
function insert(x, node) {
  const body = byId("rows");
  const began = Date.parse(x.start);
  let before = body.firstElementChild;
  while (before && Date.parse(rows.get(before.dataset.id)?.x.start) > began) before = before.nextElementSibling;
  body.insertBefore(node, before);
}

function drop() {
  while (rows.size > most) {
    const oldest = byId("rows").lastElementChild;
    rows.delete(oldest.dataset.id);
    oldest.remove();
  }
}

function show(x, node) {
  node.hidden = !matches(x);
}

function matches(x) {
  const status = byId("status").value;
  if (status === "pending" ? !x.pending : status !== "" && (x.pending || Math.floor(x.status / 100) !== Number(status))) return false;
  if (byId("blocked").checked && x.outcome !== "blocked") return false;
  if (byId("noise").checked && x.noise) return false;
  const words = byId("text").value.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [x.method, x.target, x.origin, x.status, x.code, x.name, x.verdict, outcome(x)?.text, x.kind, x.asks && "for " + x.asks, x.error, x.deployed, x.replayOf && "replay"].join(" ").toLowerCase();
  return words.every((w) => text.includes(w));
}

let summaryDue = false;
function summarize() {
  if (summaryDue) return;
  summaryDue = true;
  requestAnimationFrame(() => {
    summaryDue = false;
    const shown = [...rows.values()].filter(({ node }) => !node.hidden).length;
    byId("count").textContent = shown === rows.size ? rows.size + (rows.size === 1 ? " exchange" : " exchanges") : shown + " of " + rows.size;
    byId("empty").replaceChildren(...nothing(shown));
    tabStop();
  });
}

// nothing says why nothing is shown, and what to do.
function nothing(shown) {
  if (shown > 0) return [];
  if (rows.size > 0 && (byId("text").value || byId("status").value || byId("blocked").checked)) {
    return [el("p", {}, "Nothing matches the filter."), el("p", {}, el("button", { type: "button", id: "unfilter", "aria-keyshortcuts": "Escape" }, "Clear the filter"))];
  }
  if (rows.size > 0) return [el("p", {}, "So far there is only noise: what browsers and monitors ask by themselves. Switch off “Hide noise” to see it.")];
  const proxy = document.querySelector(".where .mono").textContent;
  return [el("p", {}, "Nothing yet. Each request through the proxy appears here as it begins."), el("p", {}, el("code", {}, "curl -i " + proxy + "/"))];
}

// tabStop leaves one row in the order of the Tab key; j and k move on.
function tabStop() {
  const body = byId("rows");
  for (const link of body.querySelectorAll('a[tabindex="0"]')) link.tabIndex = -1;
  const node = rows.get(current)?.node;
  const stop = node && !node.hidden ? node : [...body.children].find((n) => !n.hidden);
  const link = stop?.querySelector("a");
  if (link) link.tabIndex = 0;
}

function spoken(x) {
  const verdict = outcome(x);
  return [x.method + (x.asks ? " for " + x.asks : ""), x.target.split("?")[0], x.status || "no answer", verdict?.text, verdict?.name, x.name].filter(Boolean).join(", ");
}

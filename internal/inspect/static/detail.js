// One exchange in full.
import { api } from "./api.js";
import { byId, bytes, clock, copy, download, el, milliseconds, outcome, statusClass, statusText, toast } from "./dom.js";
import { message } from "./message.js";

let shown; // the detail that is shown
let asked = 0;

export const detail = {
  id: () => shown?.id ?? "",

  // open shows an exchange, and moves the focus there if a person asked.
  async open(id, { focus = false, reveal = false } = {}) {
    const turn = ++asked;
    let x;
    try {
      x = reveal ? await api.reveal(id) : await api.get(id);
    } catch (error) {
      if (turn === asked) fail(error);
      return;
    }
    if (turn !== asked) return; // another was asked for meanwhile
    const box = byId("detail");
    const at = shown?.id === id ? box.scrollTop : 0;
    const hadFocus = box.contains(document.activeElement);
    shown = x;
    box.hidden = false;
    byId("split").classList.add("open");
    box.replaceChildren(...parts(x));
    box.scrollTop = at;
    if (focus || hadFocus) box.querySelector("h2").focus({ preventScroll: true });
  },

  close() {
    asked++;
    shown = undefined;
    byId("detail").hidden = true;
    byId("split").classList.remove("open");
  },

  // changed shows an exchange again that has ended meanwhile.
  changed(x) {
    if (shown && !shown.revealed && (x.id === shown.id || related(shown, x))) detail.open(shown.id);
  },

  copyCurl() { if (shown) copy(shown.curl); },

  async replay() {
    if (!shown) return;
    if (shown.replay) {
      toast("It cannot be replayed: " + shown.replay);
      return;
    }
    try {
      await api.replay(shown.id);
      toast("Sent again through the proxy");
    } catch (error) {
      toast(error.message);
    }
  },
};

function related(a, b) {
  return b.origin !== "" && b.origin === a.origin && b.target === a.target && b.id !== a.id;
}

function fail(error) {
  const box = byId("detail");
  shown = undefined;
  box.hidden = false;
  byId("split").classList.add("open");
  box.replaceChildren(el("header", {}, el("h2", { tabindex: "-1" }, error.message), closeButton()));
}

const closeButton = () => el("button", { type: "button", class: "quiet", "aria-label": "Close", "aria-keyshortcuts": "Escape", click: () => { location.hash = "#/exchanges"; } }, "Close");

function parts(x) {
  return [
    el("header", {},
      el("h2", { tabindex: "-1" }, el("span", { class: "method" }, (x.method || "—") + (x.asks ? " for " + x.asks : "")), " ", x.target || "(not readable)", " ",
        el("span", { class: "status " + statusClass(x) }, statusText(x))),
      closeButton()),
    el("p", { class: "meta" },
      el("span", {}, clock(x.start)),
      el("span", {}, x.pending ? "running" : milliseconds(x.durationMs) + (x.firstByteMs ? ", first byte after " + milliseconds(x.firstByteMs) : "")),
      x.origin && el("span", {}, "from " + x.origin),
      !x.pending && el("span", {}, bytes(x.bytes)),
      x.upgraded && el("span", {}, bytes(x.bytesIn) + " in"),
      x.replayOf && el("span", {}, "replay of ", el("a", { href: "#/exchanges/" + encodeURIComponent(x.replayOf) }, x.replayOf)),
      el("span", {}, "id " + x.id)),
    tools(x),
    banner(x),
    diagnosis("Diagnosis", x.diagnosis),
    diagnosis("Why it is blocked", x.blocked),
    diagnosis("When deployed", x.deployed),
    section("What happened", el("ol", { class: "steps" }, x.steps.map(step))),
    pair(x),
    x.setBy.length > 0 && section("Who set what", setBy(x.setBy)),
    x.request && section("Request", ...message(x.request)),
    x.answer && section("Answer", ...message(x.answer)),
    x.upstream && section("The upstream's answer, as it came", ...message(x.upstream)),
    section("As curl", el("pre", { class: "code", tabindex: "0", "aria-label": "curl command" }, x.curl)),
  ].filter(Boolean);
}

const section = (title, ...children) => el("section", { "aria-label": title }, el("h3", {}, title), ...children);

function tools(x) {
  return el("div", {},
    el("div", { class: "tools", role: "group", "aria-label": "Actions" },
      el("button", { type: "button", "aria-keyshortcuts": "c", click: () => detail.copyCurl() }, "Copy as curl"),
      el("button", { type: "button", "aria-keyshortcuts": "r", disabled: x.replay !== "", click: () => detail.replay() }, "Replay"),
      el("button", { type: "button", disabled: x.pending, click: () => exportOne(x) }, "Export HAR"),
      x.hidden && el("button", { type: "button", id: "reveal", click: () => detail.open(x.id, { reveal: true }) }, "Reveal secrets"),
      x.revealed && el("button", { type: "button", click: () => detail.open(x.id) }, "Hide secrets")),
    x.replay && el("p", { class: "why-not" }, "It cannot be replayed: " + x.replay + "."));
}

async function exportOne(x) {
  try {
    download("corsproxy-" + x.id + ".har", JSON.stringify(await api.har(x.id, x.revealed), null, 2));
  } catch (error) {
    toast(error.message);
  }
}

// banner says first what matters most.
function banner(x) {
  const o = outcome(x);
  if (x.pending) return el("div", { class: "banner" }, el("strong", {}, "Running"), el("p", {}, "The upstream has not answered yet."));
  if (!o) return null;
  const likely = x.verdicts.find((v) => v.likely) ?? x.verdicts[0];
  const other = x.verdicts.find((v) => v !== likely);
  const title = { blocked: "Blocked by the browser", plain: "Readable, not with credentials", readable: "Readable" }[x.outcome];
  return el("div", { class: "banner " + o.kind },
    el("strong", {}, x.kind === "preflight" ? (x.outcome === "blocked" ? "Blocked by the browser at its preflight" : x.outcome === "plain" ? "Preflight allowed, not with credentials" : "Preflight allowed") : title),
    !likely.allowed && el("p", {}, upper(likely.detail) + "."),
    !likely.allowed && el("p", { class: "dim" }, names(likely)),
    likely.allowed && other && !other.allowed && el("p", {}, "With credentials: " + other.detail + " (", el("span", { class: "mono" }, other.chrome), ")."));
}

function names(v) {
  const all = [v.chrome && "Chrome: " + v.chrome, v.firefox && "Firefox: " + v.firefox, v.safari && "Safari: " + v.safari];
  return all.filter(Boolean).join(" · ");
}

const upper = (s) => s.charAt(0).toUpperCase() + s.slice(1);

function diagnosis(title, d) {
  if (!d) return null;
  return section(title,
    el("p", {}, el("strong", {}, d.code + " " + d.name), " — " + d.title),
    el("p", {}, upper(d.detail)),
    d.hints.length > 0 && el("ul", { class: "hints" }, d.hints.map(hint)),
    d.routes.length > 0 && el("div", {}, el("h4", {}, "Routes"),
      el("table", { class: "grid" },
        el("thead", {}, el("tr", {}, ["Route", "Function", "Where"].map((t) => el("th", { scope: "col" }, t)))),
        el("tbody", {}, d.routes.map((r) => el("tr", {}, el("th", { scope: "row" }, r.method + " " + r.path), el("td", {}, r.function), el("td", {}, r.source)))))));
}

// hint shows the first line as a sentence and the others as what to paste.
function hint(text) {
  const [first, ...more] = text.split("\n");
  return el("li", {}, upper(first), more.length > 0 && el("pre", { class: "code", tabindex: "0" }, more.join("\n")));
}

function step(s) {
  const said = { yes: "passed", no: "failed", needless: "not needed" }[s.mark];
  return el("li", { class: s.mark }, el("span", { class: "by" }, s.by + " "), el("span", {}, s.text, said && el("span", { class: "sr" }, " (" + said + ")"),
    s.more && el("span", { class: "more" }, s.more)));
}

function setBy(fields) {
  return el("table", { class: "grid" },
    el("thead", {}, el("tr", {}, ["Header", "Value", "Set by"].map((t) => el("th", { scope: "col" }, t)))),
    el("tbody", {}, fields.map((f) => el("tr", {},
      el("th", { scope: "row" }, f.name),
      el("td", {}, f.value, f.was && el("del", { class: "was" }, f.was)),
      el("td", { class: "who" }, el("span", { class: "tag" + (f.by === "corsproxy" ? " accent" : f.by === "removed" ? " bad" : "") }, f.by === "removed" ? "removed by corsproxy" : f.by))))));
}

// pair shows a preflight and its actual request side by side.
function pair(x) {
  const others = x.preflight ? [x.preflight] : x.actual;
  if (others.length === 0) {
    if (x.kind === "actual" && !x.pending) return section("Preflight", el("p", { class: "dim" }, "None was seen before this request: it needs none, or the browser remembered the answer to an earlier one."));
    return null;
  }
  const title = x.preflight ? "Preflight and actual request" : "Preflight and what followed";
  const all = x.preflight ? [x.preflight, x.self] : [x.self, ...others];
  const began = Date.parse(all[0].start);
  return section(title, el("div", { class: "pair" }, all.map((one) => {
    const o = outcome(one);
    const later = Date.parse(one.start) - began;
    return el("div", {},
      el("h4", {}, one.kind === "preflight" ? "Preflight" : "Actual request"),
      el("p", {}, one.id === x.id ? "this one" : el("a", { href: "#/exchanges/" + encodeURIComponent(one.id) }, one.method + " " + one.target)),
      el("p", { class: "meta" }, el("span", { class: "status " + statusClass(one) }, statusText(one)),
        el("span", {}, later > 0 ? milliseconds(later) + " later" : clock(one.start)),
        one.pending ? null : el("span", {}, "took " + milliseconds(one.durationMs))),
      o && el("p", {}, el("span", { class: "tag " + o.kind }, o.text), o.name && el("span", { class: "sub" }, o.name)),
      one.fields.length > 0 && el("ul", { class: "fields" }, one.fields.map((f) => el("li", {}, el("span", { class: "dim" }, f.Name + ": "), f.Value))));
  })));
}

// The matrix of routes, and the configuration.
import { api } from "./api.js";
import { announce, byId, el, toast } from "./dom.js";

export async function showRoutes() {
  try {
    const m = await api.routes(byId("ask-origin").value.trim(), byId("ask-headers").value.trim());
    byId("ask-origin").value = m.origin;
    byId("matrix").replaceChildren(...matrix(m));
    announce(m.rows.filter((r) => r.here.allowed).length + " of " + m.rows.length + " routes are allowed here");
  } catch (error) {
    toast(error.message);
  }
}

function matrix(m) {
  if (!m.known) {
    return [el("div", { class: "empty" },
      el("p", {}, "No routes are known."),
      el("p", {}, "corsproxy learns them from a template, from --sam-route, or from SAM's own output with --sam-log."))];
  }
  const about = m.template ? "Read from " + m.template + "." : "Without a template only the answer here is known.";
  return [
    el("p", { class: "lead" }, about + (m.more > 0 ? " " + m.more + " more routes are not shown." : "")),
    el("div", { class: "scroll" }, el("table", { class: "big stack" },
      el("caption", { class: "sr" }, "What a preflight of " + m.origin + " gets, by route"),
      el("thead", {}, el("tr", {}, ["Route", "Function", "SAM local", "Here", "Deployed"].map((t) => el("th", { scope: "col" }, t)))),
      el("tbody", {}, m.rows.map(route)))),
  ];
}

function route(r) {
  const differs = r.deployed.known && r.deployed.status > 0 && r.deployed.allowed !== r.here.allowed;
  return el("tr", {},
    el("th", { scope: "row", class: "mono" }, r.method + " " + r.path),
    el("td", { "data-label": "Function" }, r.function, r.source && el("span", { class: "sub" }, r.source)),
    el("td", { "data-label": "SAM local" }, cell(r.local)),
    el("td", { "data-label": "Here" }, cell(r.here)),
    el("td", { "data-label": "Deployed" }, cell(r.deployed), differs && el("div", { class: "differs" }, el("span", { class: "tag warn" }, "differs from here"))));
}

// answeredBy words who answers a preflight.
const answeredBy = {
  policy: "the policy", upstream: "the upstream", nothing: "no route for OPTIONS", mock: "fixed headers",
  cors: "by the origin", guard: "a key or token is missing", integration: "another service",
};

function cell(c) {
  if (!c.known) return el("span", { class: "dim" }, "not known");
  if (c.status === 0) return el("div", {}, el("span", { class: "tag" }, c.by === "function" ? "depends" : answeredBy[c.by] ?? (c.by || "not known")), el("span", { class: "sub" }, c.detail));
  return el("details", { class: "cell" },
    el("summary", {}, el("span", { class: "tag " + (c.allowed ? "good" : "bad") }, (c.allowed ? "allowed" : "blocked") + ", " + c.status), " ", el("span", { class: "dim" }, answeredBy[c.by] ?? c.by)),
    el("div", { class: "fields" },
      c.verdict && el("div", {}, c.verdict), c.detail && el("div", {}, c.detail), c.fields.map((f) => el("div", {}, f)),
      c.fields.length === 0 && el("div", {}, "no CORS headers")));
}

export async function showSettings() {
  try {
    const settings = await api.settings();
    const only = byId("changed").checked;
    byId("settings").replaceChildren(el("div", { class: "scroll" }, el("table", { class: "big stack" },
      el("caption", { class: "sr" }, "Settings"),
      el("thead", {}, el("tr", {}, ["Setting", "Value", "From"].map((t) => el("th", { scope: "col" }, t)))),
      el("tbody", {}, settings.filter((s) => !only || s.from !== "default").map((s) => el("tr", { class: s.limit ? "limited" : null },
        el("th", { scope: "row" }, el("span", { class: "mono" }, s.key), el("span", { class: "sub" }, s.help)),
        el("td", { "data-label": "Value" }, s.value === "" ? el("span", { class: "dim" }, "empty") : el("span", { class: "mono" }, s.value), s.limit && el("span", { class: "sub" }, s.limit)),
        el("td", { "data-label": "From", class: "from" }, s.from === "default" ? el("span", { class: "dim" }, "default") : el("span", { class: "mono" }, s.from))))))));
  } catch (error) {
    toast(error.message);
  }
}

// The page as a whole: what is shown, what keys do, and the stream of events.
import { api, follow } from "./api.js";
import { detail } from "./detail.js";
import { byId, download, toast } from "./dom.js";
import { list } from "./list.js";
import { showRoutes, showSettings } from "./views.js";

const views = ["exchanges", "routes", "settings"];
let opener = false; // whether a person has asked for the next exchange, by Enter or a click

function route() {
  const [, view = "", id = ""] = location.hash.split("/");
  const name = views.includes(view) ? view : "exchanges";
  for (const v of views) byId("view-" + v).hidden = v !== name;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = (name === "exchanges" ? "" : byId(name + "-title").textContent + ", ") + "corsproxy inspector";
  if (name === "routes") showRoutes();
  if (name === "settings") showSettings();
  if (name !== "exchanges") return;
  if (id) {
    list.select(decoded(id));
    detail.open(decoded(id), { focus: opener });
  } else {
    const wasOpen = !byId("detail").hidden;
    detail.close();
    if (wasOpen) list.focus();
  }
  opener = false;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function move(by) {
  const id = list.step(by);
  if (!id) return;
  list.select(id, true);
  if (!byId("detail").hidden) location.replace("#/exchanges/" + encodeURIComponent(id));
}

function clearFilter() {
  byId("text").value = "";
  byId("status").value = "";
  byId("blocked").checked = false;
  list.filter();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  "/": () => { location.hash = "#/exchanges"; byId("text").focus(); byId("text").select(); },
  b: () => { byId("blocked").checked = !byId("blocked").checked; list.filter(); },
  c: () => detail.copyCurl(),
  r: () => detail.replay(),
  1: () => { location.hash = "#/exchanges"; },
  2: () => { location.hash = "#/routes"; },
  3: () => { location.hash = "#/settings"; },
  "?": () => byId("keys").showModal(),
};

function key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  const typing = event.target.matches("input:not([type=checkbox]), select");
  if (event.key === "Escape") {
    if (typing && event.target.id === "text" && event.target.value !== "") clearFilter();
    else if (!byId("detail").hidden) location.hash = "#/exchanges";
    else clearFilter();
    if (typing) list.focus();
    return;
  }
  if (typing) {
    if (event.key === "Enter" && event.target.id === "text") {
      event.preventDefault();
      move(1);
    }
    return;
  }
  const arrows = event.key.startsWith("Arrow");
  if (byId("view-exchanges").hidden && (arrows || "jkbcr".includes(event.key))) return;
  if (arrows && !byId("rows").contains(event.target)) return; // they scroll
  if (event.key === "Enter" && byId("rows").contains(event.target)) opener = true;
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function setState(state, text) {
  byId("state").dataset.state = state;
  byId("state").textContent = text;
}

function theme() {
  const order = ["", "light", "dark"];
  const now = document.documentElement.dataset.theme ?? "";
  setTheme(order[(order.indexOf(now) + 1) % order.length]);
}

function setTheme(name) {
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  byId("theme").textContent = "Theme: " + (name || "auto");
  try {
    localStorage.setItem("theme", name);
  } catch {
    // It is forgotten then.
  }
}

function storedTheme() {
  try {
    return localStorage.getItem("theme") ?? "";
  } catch {
    return "";
  }
}

function listen() {
  addEventListener("hashchange", route);
  addEventListener("keydown", key);
  byId("rows").addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!row || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    opener = opener || event.detail === 0; // a click by Enter has no detail
    location.hash = "#/exchanges/" + encodeURIComponent(row.dataset.id);
  });
  byId("empty").addEventListener("click", (event) => {
    if (event.target.id !== "unfilter") return;
    clearFilter();
    list.focus();
  });
  for (const id of ["text", "status", "blocked", "noise"]) byId(id).addEventListener("input", () => list.filter());
  byId("filter").addEventListener("submit", (event) => event.preventDefault());
  byId("ask").addEventListener("submit", (event) => { event.preventDefault(); showRoutes(); });
  byId("changed").addEventListener("change", showSettings);
  byId("theme").addEventListener("click", theme);
  byId("help").addEventListener("click", () => byId("keys").showModal());
  byId("keys-close").addEventListener("click", () => byId("keys").close());
  byId("clear").addEventListener("click", () => api.clear().catch((error) => toast(error.message)));
  byId("export").addEventListener("click", async () => {
    try {
      download("corsproxy.har", JSON.stringify(await api.harOfAll(), null, 2));
    } catch (error) {
      toast(error.message);
    }
  });
}

setTheme(storedTheme());
listen();
route();
follow({
  async ready() {
    const all = await api.list();
    list.keep(new Set(all.map((x) => x.id)));
    for (const x of all) list.put(x, false);
    setState("live", "Live");
    const [, view, id] = location.hash.split("/");
    if (view === "exchanges" && id) list.select(decoded(id));
  },
  event(name, data) {
    if (name === "cleared") {
      list.cleared(data.rev);
      return;
    }
    list.put(data);
    detail.changed(data);
  },
  lost: (why) => setState("lost", why),
});

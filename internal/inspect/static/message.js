// A request or an answer: its start line, its fields, its body as text.
import { bytes, el } from "./dom.js";

export function message(m) {
  return [
    el("p", { class: "line" }, m.line),
    m.fields.length > 0 && el("table", { class: "grid" },
      el("caption", { class: "sr" }, "Header fields"),
      el("thead", { class: "sr" }, el("tr", {}, el("th", { scope: "col" }, "Name"), el("th", { scope: "col" }, "Value"))),
      el("tbody", {}, m.fields.map((f) => el("tr", {}, el("th", { scope: "row" }, f.Name), el("td", {}, f.Value))))),
    ...body(m.body),
  ];
}

function body(b) {
  if (b.kind === "same") return [el("p", { class: "body-note" }, "Its body is the answer's.")];
  if (b.kind === "none") return [el("p", { class: "body-note" }, b.note ? "Body: " + b.note + "." : "No body.")];
  const kind = { json: "JSON", text: "Text", hex: "Binary" }[b.kind];
  return [
    el("p", { class: "body-note" }, kind + ", " + bytes(b.size) + (b.note ? ": " + b.note : "")),
    el("pre", { class: "body" + (b.kind === "hex" ? " hex" : ""), tabindex: "0", "aria-label": "Body" }, b.text),
  ];
}

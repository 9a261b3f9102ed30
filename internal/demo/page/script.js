// Makes each call straight to the upstream and through corsproxy, and shows
// what the browser lets a script see of the answers.

const main = document.querySelector("main");

const calls = {
  post: {
    path: "/scanRecords",
    why: "The server does answer. But its answer to the preflight has no Access-Control-Allow-Origin, and so the browser never sends the POST. Only the console says “CORS”.",
    init: {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ records: [{ id: "r-900" }, { id: "r-901" }] }),
    },
  },
  get: {
    path: "/scanRecord",
    why: "The server does answer. But its answer has no Access-Control-Allow-Origin, and so the browser keeps it from the script. Only the console says “CORS”.",
    init: { method: "GET" },
  },
};

const ways = [
  { title: "Without corsproxy", base: main.dataset.upstream },
  { title: "With corsproxy", base: main.dataset.proxy },
];

for (const section of document.querySelectorAll("section[data-call]")) {
  const call = calls[section.dataset.call];
  for (const way of ways) {
    section.querySelector(".pair").append(card(way.title, way.base + call.path, call));
  }
}

function card(title, url, { init, why }) {
  const node = document.getElementById("card").content.cloneNode(true).firstElementChild;
  const button = node.querySelector("button");
  node.querySelector("h3").textContent = title;
  node.querySelector(".url code").textContent = `${init.method} ${url}`;
  button.setAttribute("aria-label", `Send it again: ${init.method} ${url}`);
  let sending = false; // a disabled button would lose the keyboard's focus
  const send = async () => {
    if (sending) return;
    sending = true;
    node.removeAttribute("data-outcome");
    const result = node.querySelector(".result");
    result.replaceChildren(element("p", "Sending …"));
    const { outcome, content } = await attempt(url, init, why);
    node.dataset.outcome = outcome;
    result.replaceChildren(...content);
    sending = false;
  };
  button.addEventListener("click", send);
  send();
  return node;
}

async function attempt(url, init, why) {
  let response, body;
  try {
    response = await fetch(url, init);
    body = await response.text();
  } catch (error) {
    return blocked(url, error, why);
  }
  const status = `${response.status} ${response.statusText}`.trim();
  if (response.ok) return works(status, body);
  const problem = response.headers.get("Content-Type") === "application/problem+json";
  return told(status, problem ? JSON.parse(body) : { detail: body });
}

// blocked tells a server that is not there from one whose answer the browser
// withholds: a request in the mode "no-cors" gets an answer that nobody can
// read, but it gets one.
async function blocked(url, error, why) {
  const answered = await fetch(url, { mode: "no-cors" }).then(() => true, () => false);
  return {
    outcome: "blocked",
    content: [
      verdict(answered ? "Blocked by the browser" : "No answer"),
      facts([
        ["fetch() threw", element("code", `${error.name}: ${error.message}`)],
        ["What the script can read", "Nothing: no status, no body, no reason."],
        ["What happened", answered ? why : "Nothing answers at this address. Is the demo still running?"],
      ]),
    ],
  };
}

function works(status, body) {
  return {
    outcome: "works",
    content: [verdict("It works"), facts([["Status", status], ["Body", element("pre", body)]])],
  };
}

function told(status, problem) {
  const rows = [["Status", status]];
  if (problem.title) rows.push(["Title", problem.title]);
  rows.push(["Detail", problem.detail]);
  if (problem.hints?.length) rows.push(["Hints", bullets(problem.hints)]);
  if (problem.routes?.length) rows.push(["Nearest routes", bullets(problem.routes.map((r) => `${r.method} ${r.path}`))]);
  const what = problem.code ? `An error that the script can read: ${problem.code}` : "An error that the script can read";
  return { outcome: "told", content: [verdict(what), facts(rows)] };
}

function verdict(text) {
  const p = element("p", text);
  p.className = "verdict";
  return p;
}

function facts(rows) {
  const dl = document.createElement("dl");
  for (const [term, description] of rows) {
    const dd = document.createElement("dd");
    dd.append(description);
    dl.append(element("dt", term), dd);
  }
  return dl;
}

function bullets(items) {
  const ul = document.createElement("ul");
  for (const item of items) {
    const [first, ...rest] = item.split("\n");
    const li = element("li", first);
    if (rest.length) li.append(element("pre", rest.join("\n")));
    ul.append(li);
  }
  return ul;
}

function element(name, text) {
  const e = document.createElement(name);
  e.textContent = text;
  return e;
}

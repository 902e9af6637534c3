"use strict";
// Lists what /openapi.json says, and asks it. All that comes from a server is put into the page as text, never as markup.
// The token is a variable of this page: it is stored nowhere, and goes to no other host (the page's policy holds that, too).

let token = "";
const found = (id) => document.getElementById(id);

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

async function asked(path, options = {}) {
  const headers = new Headers(options.headers || {});
  if (token) headers.set("Authorization", "Bearer " + token);
  return fetch(path, { ...options, headers, credentials: "omit", redirect: "error", cache: "no-store" });
}

async function load() {
  found("state").textContent = "";
  const answer = await asked("/openapi.json");
  if (!answer.ok) {
    const told = await answer.json().catch(() => ({}));
    found("state").textContent = `${answer.status}: ${told.detail || answer.statusText}`;
    return;
  }
  show(await answer.json());
}

function show(spec) {
  found("title").textContent = `${spec.info.title} ${spec.info.version}`;
  found("about").textContent = spec.info.description || "";
  const groups = new Map();
  for (const [path, item] of Object.entries(spec.paths))
    for (const [method, operation] of Object.entries(item)) {
      const group = (operation.tags || ["About the gateway"])[0];
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(entry(spec, path, method, operation));
    }
  found("operations").replaceChildren(
    ...[...groups].map(([name, entries]) => element("section", {}, element("h2", {}, name), ...entries)),
  );
  filter();
}

function entry(spec, path, method, operation) {
  const details = element(
    "details",
    { "data-words": `${method} ${path} ${operation.summary} ${operation.operationId}`.toLowerCase() },
    element(
      "summary",
      {},
      element("span", { class: "access" }, operation["x-access"] || ""),
      element("span", { class: "method" }, method.toUpperCase()),
      element("code", {}, path),
      " " + operation.summary,
    ),
  );
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(...form(spec, path, method, operation));
  });
  return details;
}

function form(spec, path, method, operation) {
  const fields = (operation.parameters || []).map((parameter) => ({
    parameter,
    input: element("input", { size: 30, "aria-label": parameter.name, spellcheck: "false" }),
  }));
  const rows = fields.map(({ parameter, input }) =>
    element(
      "tr",
      {},
      element("td", {}, element("code", {}, parameter.name), parameter.required ? " *" : ""),
      element("td", {}, parameter.in),
      element("td", {}, parameter.description || ""),
      element("td", {}, input),
    ),
  );
  const parts = rows.length ? [element("table", {}, ...rows)] : [];
  const body = operation.requestBody ? element("textarea", { "aria-label": "body", spellcheck: "false" }) : null;
  if (body) {
    const [media] = Object.keys(operation.requestBody.content);
    const schema = operation.requestBody.content[media].schema;
    body.value = media === "application/json" ? JSON.stringify(example(spec, schema, 0) ?? {}, null, 2) : "";
    parts.push(element("p", {}, "Body ", element("code", {}, media)), body);
  }
  const send = element("button", { type: "button" }, "Send");
  const output = element("pre", { hidden: "" });
  send.addEventListener("click", async () => {
    output.hidden = false;
    output.textContent = "...";
    try {
      output.textContent = await sent(path, method, operation, fields, body);
    } catch (error) {
      output.textContent = String(error);
    }
  });
  const answers = Object.entries(operation.responses).map(([status, answer]) =>
    element("tr", {}, element("td", {}, element("code", {}, status)), element("td", {}, answer.description)),
  );
  return [...parts, element("p", {}, send), output, element("table", {}, ...answers)];
}

async function sent(path, method, operation, fields, body) {
  const query = new URLSearchParams();
  const headers = {};
  let target = path;
  for (const { parameter, input } of fields) {
    if (parameter.in === "path") target = target.replace(`{${parameter.name}}`, () => encodeURIComponent(input.value));
    else if (input.value === "") continue;
    else if (parameter.in === "query") query.set(parameter.name, input.value);
    else headers[parameter.name] = input.value;
  }
  const options = { method: method.toUpperCase(), headers };
  if (["POST", "PUT", "PATCH"].includes(options.method))
    headers["Content-Type"] = Object.keys((operation.requestBody || { content: { "application/json": 0 } }).content)[0];
  if (body) options.body = body.value;
  const answer = await asked(target + (query.size ? "?" + query : ""), options);
  const text = await answer.text();
  const shown = ["etag", "location", "x-routerctl-revision"]
    .filter((name) => answer.headers.get(name))
    .map((name) => `${name}: ${answer.headers.get(name)}\n`);
  return `${answer.status} ${answer.statusText}\n${shown.join("")}\n${pretty(text)}`;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function example(spec, schema, depth) {
  if (!schema || depth > 4) return null;
  if (schema.$ref) return example(spec, spec.components.schemas[schema.$ref.split("/").pop()], depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.oneOf) return example(spec, schema.oneOf[0], depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") {
    const wanted = schema.required || [];
    return Object.fromEntries(
      Object.entries(schema.properties || {})
        .filter(([name]) => wanted.includes(name))
        .map(([name, inner]) => [name, example(spec, inner, depth + 1)]),
    );
  }
  return { string: "", integer: 0, boolean: false, array: [] }[type] ?? null;
}

function filter() {
  const words = found("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const details of document.querySelectorAll("details"))
    details.hidden = !words.every((word) => details.dataset.words.includes(word));
}

found("access").addEventListener("submit", (event) => {
  event.preventDefault();
  token = found("token").value.trim();
  load();
});
found("find").addEventListener("input", filter);
load();

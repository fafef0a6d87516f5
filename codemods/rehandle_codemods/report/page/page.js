"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);
const form = byId("filters");
const heads = new Set(data.findings.map((finding) => finding.because).filter(Boolean)); // others follow from these
const FIELDS = ["text", "status", "rule", "cause", "folder", "owner"];

// Text is never parsed as HTML: code under report may hold any.
function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// Theme

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
}

function toggleTheme() {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  setTheme(dark ? "light" : "dark");
  try {
    localStorage.setItem("rehandle-theme", dark ? "light" : "dark");
  } catch {
    // A browser may keep nothing for a local file.
  }
}

try {
  const kept = localStorage.getItem("rehandle-theme");
  if (kept) setTheme(kept);
} catch {
  // As above.
}

// Code

// The part of two lines that differs: its beginning, and its ends.
function difference(before, after) {
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return [start, before.length - end, after.length - end];
}

// A line in pieces: `em` round what differs, `mark` round the place of the finding.
function pieces(text, differs, place) {
  const cuts = [0, text.length, ...(differs ?? []), ...(place ?? [])].filter((cut) => cut >= 0 && cut <= text.length);
  const sorted = [...new Set(cuts)].sort((one, two) => one - two);
  const inside = (span, start, end) => span && span[0] <= start && end <= span[1];
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index];
    let node = document.createTextNode(text.slice(start, end));
    if (inside(differs, start, end)) node = make("em", {}, node);
    if (inside(place, start, end)) node = make("mark", {}, node);
    return node;
  });
}

// Columns count characters, and JavaScript's strings count UTF-16 units.
function units(text, column) {
  return [...text].slice(0, column - 1).join("").length;
}

function placeIn(number, text, at) {
  if (!at || number < at[0] || number > at[2]) return null;
  const start = number === at[0] ? units(text, at[1]) : text.length - text.trimStart().length;
  const end = number === at[2] ? units(text, at[3]) : text.length;
  return [start, Math.max(start, end)];
}

function row(line, at) {
  const [number, before, newNumber] = line;
  const same = line.length === 3;
  const after = same ? before : line[3];
  const both = !same && before !== null && after !== null;
  const [start, oldEnd, newEnd] = both ? difference(before, after) : [];
  const place = before === null ? null : placeIn(number, before, at);
  const cells = [
    make("td", { className: "n" }, before === null ? "" : `${same ? "" : "− "}${number}`),
    make("td", {}, ...(before === null ? [] : pieces(before, both ? [start, oldEnd] : null, place))),
    make("td", { className: "n" }, after === null ? "" : `${same ? "" : "+ "}${newNumber}`),
    make("td", {}, ...(after === null ? [] : pieces(after, both ? [start, newEnd] : null, null))),
  ];
  if (!same) {
    cells.slice(0, 2).forEach((cell) => cell.classList.add(before === null ? "none" : "minus"));
    cells.slice(2).forEach((cell) => cell.classList.add(after === null ? "none" : "plus"));
  }
  return make("tr", { className: same ? "same" : "changed" }, ...cells);
}

function follows(one, two) {
  return (!one[0] || !two[0] || two[0] === one[0] + 1) && (!one[2] || !two[2] || two[2] === one[2] + 1);
}

function comparison(lines, at) {
  const body = make("tbody");
  lines.forEach((line, index) => {
    if (index && !follows(lines[index - 1], line)) {
      body.append(make("tr", { className: "gap" }, make("td", { colSpan: 4 }, "⋯")));
    }
    body.append(row(line, at));
  });
  const columns = ["n", "", "n", ""].map((className) => make("col", { className }));
  const head = (text) => make("th", { scope: "colgroup", colSpan: 2 }, text);
  return make(
    "table",
    { className: "diff" },
    make("colgroup", {}, ...columns),
    make("thead", {}, make("tr", {}, head("Before"), head("After"))),
    body,
  );
}

// The list

function fill(item) {
  if (item.filled) return;
  item.filled = true;
  const { finding, element } = item;
  const file = data.files[finding.file];
  const lines = file.lines.slice(...finding.lines);
  const [summary, url] = data.rules[finding.code] ?? ["", ""];
  const body = make("div", { className: "body" });
  if (lines.length) body.append(comparison(lines, finding.at));
  if (lines.length && lines.every((line) => line.length === 3)) {
    body.append(make("p", { className: "note" }, "These lines stay as they are."));
  }
  // Backticks mark code in summaries.
  const words = summary.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
  const rule = make("a", { href: url, rel: "noreferrer" }, `${finding.code}: `, ...words);
  const link = make("a", { className: "link", href: `#finding=${finding.id}` }, "Link to this finding");
  const cause = finding.because || (heads.has(finding.id) ? finding.id : "");
  const all = cause ? [make("a", { href: `#cause=${cause}` }, "All that follows from the same")] : [];
  body.append(make("p", { className: "links" }, rule, ...all, link));
  element.append(body);
}

function findingElement(finding) {
  const [line, column] = finding.at;
  const element = make(
    "details",
    { className: "finding", id: `finding-${finding.id}` },
    make(
      "summary",
      {},
      make("span", { className: "place" }, `${line}:${column}`),
      make("span", { className: "rule" }, finding.code),
      make("span", { className: `badge ${finding.status}` }, data.statuses[finding.status]),
      make("span", { className: "message" }, finding.message),
    ),
  );
  return element;
}

const items = [];
const groups = [];

function fileElement(name, findings) {
  const file = data.files[name];
  const box = make("div", { className: "box" });
  const head = make("h3", {}, name);
  if (file.owners.length) head.append(make("small", {}, file.owners.join(" ")));
  if (file.lines.some((line) => line.length === 4)) {
    const all = make("button", { type: "button", ariaExpanded: "false" }, "All changes");
    const whole = make("div", { className: "body", hidden: true });
    all.addEventListener("click", () => {
      if (!whole.firstChild) whole.append(comparison(file.lines, null));
      whole.hidden = !whole.hidden;
      all.ariaExpanded = String(!whole.hidden);
    });
    head.append(all);
    box.append(whole);
  }
  const section = make("section", { className: "file" }, head, box);
  const group = { section, items: [] };
  for (const finding of findings) {
    const element = findingElement(finding);
    const item = {
      finding,
      element,
      filled: false,
      folder: file.path,
      owners: file.owners.length ? file.owners : [data.nobody],
      words: `${name} ${finding.code} ${data.statuses[finding.status]} ${finding.message} ${code(file, finding)}`.toLowerCase(),
    };
    element.addEventListener("toggle", () => element.open && fill(item));
    group.items.push(item);
    items.push(item);
    box.append(element);
  }
  groups.push(group);
  return section;
}

function code(file, finding) {
  return file.lines
    .slice(...finding.lines)
    .filter((line) => line[0] >= finding.at[0] && line[0] <= finding.at[2])
    .map((line) => line[1])
    .join(" ");
}

function build() {
  const byFile = new Map();
  for (const finding of data.findings) {
    if (!byFile.has(finding.file)) byFile.set(finding.file, []);
    byFile.get(finding.file).push(finding);
  }
  const fragment = document.createDocumentFragment();
  for (const [name, findings] of byFile) fragment.append(fileElement(name, findings));
  byId("list").append(fragment);
}

function options(select, values) {
  for (const [value, label] of values) select.append(make("option", { value }, label));
}

function count(key) {
  const found = new Map();
  for (const item of items) for (const value of key(item)) found.set(value, (found.get(value) ?? 0) + 1);
  return found;
}

function placeOf(id) {
  const { finding } = items.find((item) => item.finding.id === id) ?? {};
  return finding ? `${finding.file}:${finding.at[0]} ${finding.code}` : data.older[id];
}

function buildFilters() {
  const statuses = count((item) => [item.finding.status]);
  const shown = Object.entries(data.statuses).filter(([status]) => statuses.has(status));
  options(byId("status"), shown.map(([status, label]) => [status, `${label} (${statuses.get(status)})`]));
  const rules = [...count((item) => [item.finding.code])].sort();
  options(byId("rule"), rules.map(([code, number]) => [code, `${code} ${data.rules[code]?.[0] ?? ""} (${number})`]));
  const followers = count((item) => (item.finding.because ? [item.finding.because] : []));
  const byCause = [...followers].sort(([, one], [, other]) => other - one);
  options(byId("cause"), byCause.map(([id, number]) => [id, `${placeOf(id)} (${number})`]));
  byId("cause").parentElement.hidden = !byCause.length;
  options(byId("folder"), data.folders.map((folder) => [folder, folder]));
  const owners = data.nobody ? [...count((item) => item.owners)].sort() : [];
  options(byId("owner"), owners.map(([owner, number]) => [owner, `${owner} (${number})`]));
  byId("folder").parentElement.hidden = !data.folders.length;
  byId("owner").parentElement.hidden = !owners.length;
  form.hidden = !items.length;
}

// Tables

function valueOf(cell) {
  if (cell.matches(".number, .share")) return Number.parseInt(cell.textContent, 10) || 0;
  return cell.textContent;
}

function sortBy(head) {
  const body = head.closest("table").tBodies[0];
  const column = head.cellIndex;
  const large = head.matches(".number") || head.textContent === "Progress"; // what is most comes first
  const now = head.ariaSort ?? (large ? "ascending" : "descending");
  const order = now === "ascending" ? "descending" : "ascending";
  for (const other of head.parentElement.cells) other.ariaSort = null;
  head.ariaSort = order;
  const compare = (one, other) => (one < other ? -1 : Number(one > other)) * (order === "ascending" ? 1 : -1);
  body.append(...[...body.rows].sort((one, other) => compare(valueOf(one.cells[column]), valueOf(other.cells[column]))));
}

function makeSortable() {
  for (const head of document.querySelectorAll(".tables thead th")) {
    const button = make("button", { type: "button", title: "Sort" }, ...head.childNodes);
    button.addEventListener("click", () => sortBy(head));
    head.append(button);
  }
}

// What is shown is said in the address alone, so that every view can be linked to and the back button works.

function read() {
  return new URLSearchParams(location.hash.slice(1));
}

function go(state, replace = false) {
  for (const [name, value] of [...state]) if (!value) state.delete(name);
  const hash = `#${state}`;
  if (replace) location.replace(hash);
  else location.hash = hash;
  show();
}

function matches(item, wanted, words) {
  const { finding } = item;
  return (
    (!wanted.status || finding.status === wanted.status) &&
    (!wanted.rule || finding.code === wanted.rule) &&
    (!wanted.cause || finding.id === wanted.cause || finding.because === wanted.cause) &&
    (!wanted.folder || item.folder.startsWith(`${wanted.folder.replace(/\/$/, "")}/`)) &&
    (!wanted.owner || item.owners.includes(wanted.owner)) &&
    words.every((word) => item.words.includes(word))
  );
}

let applied = null;

function show() {
  if (applied === location.hash) return;
  applied = location.hash;
  const state = read();
  const wanted = {};
  for (const name of FIELDS) {
    wanted[name] = state.get(name) ?? "";
    const field = form.elements[name];
    // A link may ask for what this report doesn't have: the list is empty then, and the field says why.
    if (field.tagName === "SELECT" && ![...field.options].some((option) => option.value === wanted[name])) {
      options(field, [[wanted[name], wanted[name]]]);
    }
    if (field.value !== wanted[name]) field.value = wanted[name];
  }
  const words = wanted.text.toLowerCase().split(/\s+/).filter(Boolean);
  const linked = state.get("finding") ?? "";
  let number = 0;
  for (const group of groups) {
    let some = false;
    for (const item of group.items) {
      const visible = matches(item, wanted, words);
      if (item.element.hidden === visible) item.element.hidden = !visible;
      item.element.classList.toggle("linked", item.finding.id === linked);
      number += visible;
      some ||= visible;
    }
    group.section.hidden = !some;
  }
  byId("shown").textContent = `${number.toLocaleString()} of ${items.length.toLocaleString()}`;
  byId("nothing").hidden = number > 0;
  byId("nothing").textContent = items.length ? "No finding fits these filters." : "Nothing was found.";
  const target = items.find((item) => item.finding.id === linked);
  if (target && !target.element.hidden) {
    fill(target);
    target.element.open = true;
    target.element.scrollIntoView({ block: "center" });
    target.element.querySelector("summary").focus({ preventScroll: true });
  } else if (FIELDS.some((name) => wanted[name]) && document.activeElement?.closest(".tables, .legend")) {
    byId("findings").scrollIntoView();
  }
}

// Keys

const visible = () => items.filter((item) => !item.element.hidden);

function step(direction) {
  const shown = visible();
  const current = document.activeElement?.closest?.(".finding");
  const at = shown.findIndex((item) => item.element === current);
  const next = shown[at < 0 ? (direction > 0 ? 0 : shown.length - 1) : at + direction];
  if (!next) return;
  next.element.querySelector("summary").focus({ preventScroll: true });
  next.element.scrollIntoView({ block: "nearest" });
}

function openAll(open) {
  for (const item of visible()) {
    if (open) fill(item);
    item.element.open = open;
  }
}

function reset() {
  go(new URLSearchParams());
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  e: () => openAll(true),
  c: () => openAll(false),
  x: reset,
  t: toggleTheme,
  "/": () => byId("text").focus(),
  "?": () => byId("keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && event.target === byId("text")) byId("text").blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return;
  event.preventDefault();
  KEYS[event.key]();
});

byId("theme").addEventListener("click", toggleTheme);
byId("help").addEventListener("click", () => byId("keys").showModal());
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  reset();
});
for (const kind of ["input", "change"]) {
  form.addEventListener(kind, (event) => {
    const state = new URLSearchParams(FIELDS.map((name) => [name, form.elements[name].value]));
    go(state, event.target.id === "text");
  });
}
byId("list").addEventListener("click", (event) => {
  const link = event.target.closest(".link");
  if (!link) return;
  event.preventDefault();
  const state = read();
  state.set("finding", link.closest(".finding").id.slice("finding-".length));
  go(state);
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("findings").focus();
});
addEventListener("hashchange", show);

byId("list").append(make("p", { id: "nothing", className: "empty", hidden: true }));
build();
buildFilters();
makeSortable();
show();

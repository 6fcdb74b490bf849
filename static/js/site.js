// What no page needs and every page is nicer with.

const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const name = () => button.setAttribute("aria-label", theme() === "dark" ? "Use the light theme" : "Use the dark theme");
  button.hidden = false;
  name();
  dark.addEventListener("change", name);
  button.addEventListener("click", () => {
    root.dataset.theme = theme() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("theme", root.dataset.theme);
    } catch {} // No storage: it holds for this page.
    name();
    root.dispatchEvent(new Event("themechange"));
  });
}

// Sorting by the value behind the cell (data-sort), numbers as numbers; rows without a value stay last.
function sortBy(table, column, ascending) {
  const body = table.tBodies[0];
  const key = (row) => row.cells[column]?.dataset.sort ?? row.cells[column]?.textContent.trim() ?? "";
  const rows = [...body.rows].map((row, nth) => ({ row, nth, value: key(row) }));
  const numeric = rows.every(({ value }) => value === "" || !Number.isNaN(Number(value)));
  rows.sort((one, two) => {
    if ((one.value === "") !== (two.value === "")) return one.value === "" ? 1 : -1;
    const order = numeric ? Number(one.value) - Number(two.value) : one.value.localeCompare(two.value, "en", { numeric: true });
    return (ascending ? order : -order) || one.nth - two.nth;
  });
  body.append(...rows.map(({ row }) => row));
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (!head.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      // Numbers are looked at from the top, names from A.
      const first = head.classList.contains("num") ? "descending" : "ascending";
      const now = head.getAttribute("aria-sort");
      const next = now === null ? first : now === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", next);
      sortBy(table, column, next === "ascending");
    });
  });
}

// A long table can be narrowed to the rows that hold some words. The style sheet has kept the room for it.
for (const table of document.querySelectorAll("table[data-sortable]")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 16 || !table.caption) continue;
  const box = document.createElement("span");
  box.className = "find";
  const input = Object.assign(document.createElement("input"), { type: "search", placeholder: "Filter these rows" });
  input.setAttribute("aria-label", `Filter the rows of: ${table.caption.textContent.trim()}`);
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  box.append(input, count);
  table.caption.append(box);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      left += !row.hidden;
    }
    count.textContent = words.length ? `${left} of ${rows.length} rows` : "";
  });
}

// In the figure's own line for what there is to say, which is also read aloud.
function said(button, words) {
  const line = button.closest("figure")?.querySelector(".live");
  if (!line) return;
  line.textContent = `${words}.`;
  setTimeout(() => line.textContent === `${words}.` && (line.textContent = ""), 4000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    said(button, "Copied the permalink");
  });
}

for (const button of document.querySelectorAll("[data-copy-text]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.closest(".copied").querySelector("[data-text]").textContent);
    said(button, `Copied${button.querySelector(".hush").textContent}`);
  });
}

addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll(".chart details:not(.take), details.more")) details.open = true;
});

document.addEventListener("keydown", (event) => {
  const menu = document.querySelector(".nav-narrow[open], .nav-more[open]");
  if (event.key === "Escape" && menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// The desk's comforts: search fields that say what they are for, reasons that stay, and the queue by keyboard.

// Select2 puts boxes of its own in a select's place, whenever it is ready, and leaves the label behind.
function nameBoxes() {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const label = document.querySelector(`label[for="${select.id}"]`)?.textContent.trim();
    const boxes = select.nextElementSibling?.querySelectorAll(".select2-selection, [role=textbox]") ?? [];
    for (const box of label ? boxes : []) {
      const chosen = box.querySelector("[title]")?.title || box.title;
      box.removeAttribute("aria-labelledby");
      box.setAttribute("aria-label", chosen ? `${label}: ${chosen}` : label);
    }
  }
  for (const search of document.querySelectorAll(".select2-search__field")) search.setAttribute("aria-label", "Search");
}
new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
nameBoxes();

// A reason is written once: the next decision of its kind finds it filled in, until the window is closed.

const NEXT = "desk-next";
const kept = {
  get: (name) => {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null; // No storage: nothing is remembered.
    }
  },
  set: (name, value) => {
    try {
      if (value === null) sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, value);
    } catch {} // No storage: as above.
  },
};

const desk = location.pathname.split("/").slice(0, 4).join("/"); // of one table: its list and its rows
for (const field of document.querySelectorAll("input[name=reason], input[name$='-reason']")) {
  const name = `desk-reason:${desk}:${field.name}`;
  field.value = kept.get(name) ?? field.value;
  field.addEventListener("change", () => kept.set(name, field.value.trim() ? field.value : null));
}

// A form that was asked for by a key of the list: the first field that is not filled in, or else its button.
function enter(form) {
  const fields = [...form.querySelectorAll("input:not([type=hidden]):not([type=checkbox]), select, textarea")];
  const empty = fields.find((field) => field.value === "" && field.closest("[data-required]"));
  const box = empty?.classList.contains("admin-autocomplete")
    ? empty.nextElementSibling?.querySelector(".select2-selection")
    : empty;
  (box ?? form.querySelector("button[type=submit]")).focus();
}
const asked = /^#[a-z]+$/.test(location.hash) && document.querySelector(`form.decide${location.hash}`);
if (asked) addEventListener("load", () => setTimeout(() => enter(asked))); // when the search fields have their boxes

// Single keys work only while a row of the list has the focus, and can be switched off.

const panel = document.querySelector("#keyboard");
const body = document.querySelector("#result_list tbody");
const form = document.querySelector("#changelist-form");

if (panel && body && form.elements.reason) {
  const rows = [...body.rows];
  const status = panel.querySelector("[data-status]");
  const onOff = panel.querySelector("[data-switch]");
  const KEPT = "desk-keys";
  const decided = []; // rows with where to undo them, the last at the end
  let queue = Promise.resolve(); // one request after the other, in the order of the keys
  let waiting = 0; // requests that were not answered yet
  const inTurn = (work) => {
    waiting += 1;
    queue = queue.then(work).finally(() => {
      waiting -= 1;
    });
  };

  const isOn = () => {
    try {
      return localStorage.getItem(KEPT) !== "off";
    } catch {
      return true;
    }
  };
  const say = (words) => {
    status.textContent = words;
  };
  const focus = (at) => {
    const row = rows[Math.min(Math.max(at, 0), rows.length - 1)];
    for (const other of rows) other.tabIndex = other === row ? 0 : -1;
    row.focus();
    row.scrollIntoView({ block: "nearest" });
  };
  const number = (row) => row.querySelector("input.action-select").value;

  async function post(address, fields) {
    const data = new URLSearchParams({ ...fields, csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value });
    const answer = await fetch(address, { method: "POST", body: data, redirect: "error" });
    const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (!answer.ok) throw new Error(told.refused || `The desk answered ${answer.status}: nothing was decided.`);
    return told;
  }

  // To a row's own page, at one of its forms; coming back, the list goes on with the row after it.
  function open(at, verb) {
    queue.then(() => {
      const next = rows.slice(at + 1).find((row) => !row.classList.contains("done")) ?? rows[at - 1];
      kept.set(NEXT, JSON.stringify([number(rows[at]), next ? number(next) : ""]));
      const address = new URL(rows[at].querySelector("th a").href);
      address.hash = verb;
      location.assign(address);
    });
  }

  function decide(row, verb) {
    if (row.classList.contains("done")) return;
    row.classList.add("done");
    row.classList.remove("refused");
    const reason = form.elements.reason.value;
    inTurn(async () => {
      try {
        const told = await post(panel.dataset.decide.replace("/0/", `/${number(row)}/`), { verb, reason });
        decided.push({ row, undo: told.undo });
        say(`${told.words}. ${decided.length} of ${rows.length} done.`);
      } catch (error) {
        row.classList.replace("done", "refused");
        say(error.message);
      }
    });
  }

  function undo() {
    inTurn(async () => {
      const last = decided.pop();
      if (!last) return say("Nothing to undo on this page.");
      try {
        say((await post(last.undo, {})).words);
        last.row.classList.remove("done");
        focus(rows.indexOf(last.row));
      } catch (error) {
        say(error.message);
      }
    });
  }

  const keys = {
    j: (at) => focus(at + 1),
    ArrowDown: (at) => focus(at + 1),
    k: (at) => focus(at - 1),
    ArrowUp: (at) => focus(at - 1),
    Home: () => focus(0),
    End: () => focus(rows.length - 1),
    a: (at) => (decide(rows[at], "accept"), focus(at + 1)),
    i: (at) => (decide(rows[at], "ignore"), focus(at + 1)),
    e: (at) => open(at, "explain"),
    c: (at) => open(at, "create"),
    s: (at) => open(at, "split"),
    x: (at) => rows[at].querySelector("input.action-select").click(),
    u: undo,
    "?": () => say(panel.querySelector("[data-help]").textContent.replace(/\s+/g, " ").trim()),
  };

  body.addEventListener("keydown", (event) => {
    const at = rows.indexOf(event.target); // the row itself, not a link or box in it
    if (at < 0 || !onOff.checked || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.shiftKey && event.key !== "?") return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : null;
    if (!act) return;
    event.preventDefault();
    act(at);
  });

  addEventListener("beforeunload", (event) => {
    if (waiting) event.preventDefault(); // the browser asks: what was not sent yet would not be decided
  });

  onOff.checked = isOn();
  onOff.addEventListener("change", () => {
    try {
      localStorage.setItem(KEPT, onOff.checked ? "on" : "off");
    } catch {} // No storage: it holds for this page.
    say(onOff.checked ? "Single keys are on." : "Single keys are off.");
  });
  panel.querySelector("[data-begin]").addEventListener("click", () => focus(0));
  rows.forEach((row, at) => {
    row.tabIndex = at ? -1 : 0;
  });
  panel.hidden = false;

  const back = JSON.parse(kept.get(NEXT) ?? "[]"); // the row that was opened, and the one after it
  kept.set(NEXT, null);
  const at = back.map((name) => rows.findIndex((row) => number(row) === name)).find((found) => found >= 0);
  if (back.length) focus(at ?? 0);
}

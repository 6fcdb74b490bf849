// What Django's own forms leave without a name: a date and a time under one heading that belongs to neither, and hints
// that have words and no role.

function nameParts() {
  for (const [kind, word] of [["vDateField", "date"], ["vTimeField", "time"]]) {
    for (const field of document.querySelectorAll(`.datetime input.${kind}:not([aria-label])`)) {
      const heading = field.closest("fieldset.flex-container, .form-row")?.querySelector("legend, label")?.textContent ?? "";
      field.setAttribute("aria-label", `${heading.trim().replace(/:$/, "")} ${word}`.trim());
    }
  }
  for (const hint of document.querySelectorAll("span.help-tooltip[aria-label]:not([role])")) hint.setAttribute("role", "img");
}
new MutationObserver(nameParts).observe(document.body, { childList: true, subtree: true });
nameParts();

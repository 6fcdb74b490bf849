// In the head, before anything is painted: the reader's own choice of light or dark, if there is one.
try {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // No storage: the system's setting holds.
}

"""The weekly digest: builds an issue, writes its letters, keeps its readers, and sends every letter once."""

"""Pages: a request becomes rows, rows become a page or a file. Nothing is fetched, fitted or written here."""

"""Which rows a page of a list has."""


def stretch(total: int, page: int, size: int) -> tuple[int, int, slice]:
    """The number of the page that is shown, how many pages there are, and which of `total` rows it has; `size` 0 puts
    all of them on one. Past the end stands the last page: the list may have become shorter since the address was
    made."""
    pages = max(1, -(-total // size)) if size else 1
    page = max(1, min(page, pages))
    return page, pages, slice((page - 1) * size, page * size) if size else slice(None)

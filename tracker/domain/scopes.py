"""Which benchmarks a scope holds: all of them, one category, or one class of access to the questions."""

from tracker.domain.definitions import Category, ItemAccess

ALL = "all"
# Short names as the command line and addresses take them, beside the categories' own.
SHORT = {"math": Category.MATHEMATICS.value}
ACCESS = {access.value for access in ItemAccess}
NON_PUBLIC = "non-public"
SCOPES: tuple[str, ...] = (
    ALL,
    *(category.value for category in Category),
    *(access.value for access in ItemAccess),
    NON_PUBLIC,
)


def canonical(scope: str) -> str:
    """The scope's own name. Raises ValueError that lists them."""
    scope = SHORT.get(scope, scope)
    if scope not in SCOPES:
        raise ValueError(f"{scope} is no scope; there are {', '.join(SCOPES)}")
    return scope


def in_scope(scope: str, *, category: str, access: str) -> bool:
    """Whether a benchmark of that category and access belongs to the scope."""
    if scope == ALL:
        return True
    if scope == NON_PUBLIC:
        return access != ItemAccess.PUBLIC.value
    return access == scope if scope in ACCESS else category == scope

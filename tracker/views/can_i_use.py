"""Can I use it? A company and what it wants to do, against one licence clause by clause and against all of them."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tracker.queries import licences, permissions, runs
from tracker.queries.permissions import REGIONS, SECTORS, Profile, RulingRow
from tracker.views import formats, state
from tracker.views.page import show

PURPOSES = {"commercial": "Commercial", "noncommercial": "Research or private, not commercial"}
REGION_NAMES = {key: name or "Elsewhere" for key, name in REGIONS.items()}
KINDS = {"": "Not sure", "no": "Text only", "yes": "Images, sound or video too"}
DEEDS = {
    "outputs": "Train other models on its outputs",
    "tune": "Fine-tune or change it",
    "share": "Pass on the weights, changed or not",
    "host": "Offer it to others as a service",
}
OUTCOMES: Mapping[str, tuple[str, str, str]] = {
    "allowed": ("Allowed", "good", "with no more than its notices to be kept"),
    "conditional": ("Conditional", "warn", "if every duty below is kept"),
    "unknown": ("Unknown", "unread", "nobody has read all that bears on it"),
    "blocked": ("Blocked", "bad", "the licence does not give this right"),
}
LARGEST = 10**13


def _whole(request: HttpRequest, key: str) -> int | None:
    """A number as people write it: 800,000,000 or 800 000 000 or 800_000_000. Raises BadState."""
    words = state.words(request, key)
    digits = words.translate(str.maketrans("", "", ",._' \N{NO-BREAK SPACE}"))
    if not words:
        return None
    if not (digits.isascii() and digits.isdecimal()) or int(digits) > LARGEST:
        raise state.BadState(f"{key}={words} is not a whole number, such as 800,000,000")
    return int(digits)


def profile_of(request: HttpRequest) -> Profile:
    """Raises BadState, naming what each key can be."""
    kind = state.choice(request, "kind", tuple(KINDS), "")
    deeds = {key: state.choice(request, key, ("", "yes"), "") == "yes" for key in DEEDS}
    return Profile(
        commercial=state.choice(request, "purpose", tuple(PURPOSES), "commercial") == "commercial",
        monthly_users=_whole(request, "users"),
        yearly_revenue=_whole(request, "revenue"),
        region=state.choice(request, "region", tuple(REGIONS), "other"),
        sector=state.choice(request, "sector", tuple(SECTORS), "general"),
        multimodal=None if not kind else kind == "yes",
        trains_on_outputs=deeds["outputs"],
        fine_tunes=deeds["tune"],
        redistributes=deeds["share"],
        hosts=deeds["host"],
    )


def _keys(profile: Profile, kind: str) -> dict[str, str]:
    """The profile as an address has it, without what is so anyway."""
    deeds = (profile.trains_on_outputs, profile.fine_tunes, profile.redistributes, profile.hosts)
    keys = {
        "purpose": "" if profile.commercial else "noncommercial",
        "users": "" if profile.monthly_users is None else str(profile.monthly_users),
        "revenue": "" if profile.yearly_revenue is None else str(profile.yearly_revenue),
        "region": "" if profile.region == "other" else profile.region,
        "sector": "" if profile.sector == "general" else profile.sector,
        "kind": kind,
        **{key: "yes" if done else "" for key, done in zip(DEEDS, deeds, strict=True)},
    }
    return {key: value for key, value in keys.items() if value}


@require_safe
@state.tagged
def can_i_use(request: HttpRequest, suffix: str = "") -> HttpResponse:
    """/licences/can-i-use/: one licence in full, chosen by name or through a model, and every licence's outcome, which
    is what the files hold."""
    day = state.as_of(request)
    run = runs.run_for(day)
    profile = profile_of(request)
    every = {one.slug: one for one in licences.definitions()}
    rows = permissions.ruling_rows(run.id if run else None, profile, list(every.values()))
    if suffix:
        about = {"as_of": str(day or (run.as_of if run else "")), "profile": _keys(profile, "")}
        return formats.rows_as(suffix, rows, RulingRow, name="can-i-use", about=about)
    slug = state.choice(request, "licence", ("", *every), "")
    words = state.words(request, "model")
    model = permissions.model_named(words) if words else None
    believed = permissions.licence_of(run.id if run else None, model[0]) if model else ""
    one = every.get(believed or slug)
    kind = request.GET.get("kind", "")
    keys = _keys(profile, kind)
    asked = {key: value for key, value in {**keys, "as_of": str(day or "")}.items() if value}
    told = permissions.ruling(one, profile) if one else None
    context = {
        "profile": profile,
        "keys": keys,
        "kind": kind,
        "purposes": PURPOSES.items(),
        "regions": REGION_NAMES.items(),
        "sectors": [(key, sector.name) for key, sector in SECTORS.items()],
        "kinds": KINDS.items(),
        "deeds": [(key, words, key in keys) for key, words in DEEDS.items()],
        "licences": [(found.slug, found.name) for found in every.values()],
        "licence": one,
        "slug": slug,
        "words": words,
        "model": model,
        "believed": believed,
        "told": told,
        "verdict": OUTCOMES[told.outcome] if told else None,
        "rows": [(row, *OUTCOMES[row.outcome]) for row in rows],
        "counts": [(OUTCOMES[name], sum(row.outcome == name for row in rows)) for name in OUTCOMES],
        "query": urlencode(asked),
        "run": run,
    }
    return show(
        request,
        "can_i_use.html",
        title="Can I use it?",
        description="A company's size, place and plans against the licences of AI models, clause by clause.",
        as_of=day,
        run=run,
        context=context,
    )

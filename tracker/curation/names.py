"""What a curator decides about names that nobody had explained."""

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.text import slugify

from tracker.curation.ledger import Done, Ledger, Refused, read_again
from tracker.domain.names import EFFORT, Reading, Setting, normalise, split
from tracker.models import AIModel, Alias, Benchmark, Decision, Family, Lab, Licence, NamedSetting, Person, Unresolved
from tracker.models.entities import Kind

Target = AIModel | Lab | Benchmark | Licence | Person
KINDS: dict[type[Target], Kind] = {
    AIModel: Kind.MODEL,
    Lab: Kind.LAB,
    Benchmark: Kind.BENCHMARK,
    Licence: Kind.LICENCE,
    Person: Kind.PERSON,
}
EFFORTS = frozenset(EFFORT.split("|"))


def would_add(name: Unresolved) -> str:
    """The name that explaining this one explains: of a model's, what is left without a setting that it surely states.

    Were "x_high" itself an alias, its scores would lose their effort and "x_low" would wait on.
    """
    if name.kind != Kind.MODEL:
        return name.name
    barest = _literal(name.name)[-1]
    return name.name if barest.setting == Setting() else barest.base


def _literal(name: str) -> list[Reading]:
    """The readings that leave a date where it is: taking one off is the resolver's business."""
    return [reading for reading in split(name) if not reading.date]


@transaction.atomic
def accept_suggestions(names: Iterable[Unresolved], *, by: User, reason: str, now: datetime) -> Done:
    """Each name means the model that was suggested for it. Raises Refused, and then none of them does."""
    ledger, decisions, endpoints = Ledger(by=by, reason=reason, now=now), [], set[int]()
    taken: dict[tuple[str, str], Target] = {}
    for name in _locked(names):
        target = name.suggestion
        if target is None:
            raise Refused(f"Nothing is suggested for “{name.name}”: choose a model for it.")
        if (name.kind, name.key) in taken:  # the same name from another source was explained a moment ago
            if taken[name.kind, name.key] != target:
                raise Refused(f"For “{name.name}” two models are suggested: choose one.")
            continue
        _must_wait(name)
        taken[name.kind, name.key] = target
        endpoints |= _explain(ledger, name, would_add(name), target)
        decisions.append(ledger.sign(Decision.Kind.ACCEPT, name, f"“{name.name}” is {target}"))
    return Done(tuple(decisions), read_again(endpoints, now=now))


@transaction.atomic
def explain_name(
    name: Unresolved,
    target: Target,
    *,
    whole: bool = False,
    released: date | None = None,
    by: User,
    reason: str,
    now: datetime,
) -> Done:
    """The name means this model (or lab, benchmark, licence). `whole`: nothing in it is a setting. `released`: only
    where the source states this release date beside it, for names that move from one model to the next."""
    ledger = Ledger(by=by, reason=reason, now=now)
    (name,) = _locked([name])
    _must_wait(name)
    text = name.name if whole else would_add(name)
    if released is not None:
        text = f"{text} {released.isoformat()}"
    endpoints = _explain(ledger, name, text, target)
    decision = ledger.sign(Decision.Kind.EXPLAIN, name, f"“{name.name}” is {target}")
    return Done((decision,), read_again(endpoints, now=now))


@transaction.atomic
def create_model(
    name: Unresolved,
    *,
    title: str,
    lab: Lab,
    family: Family | None = None,
    released: date | None = None,
    by: User,
    reason: str,
    now: datetime,
) -> Done:
    """The name means a model that nobody had told us of. `released` tells dated names apart; the release date that
    pages show stays a fact that some source states."""
    ledger = Ledger(by=by, reason=reason, now=now)
    (name,) = _locked([name])
    _must_wait(name)
    if name.kind != Kind.MODEL:
        raise Refused(f"“{name.name}” names a {name.kind}, not a model.")
    model = new_model(ledger, title=title, lab=lab, family=family, released=released)
    title = model.name
    endpoints = _explain(ledger, name, would_add(name), model)
    if normalise(title) != normalise(would_add(name)):
        endpoints |= add_alias(ledger, Kind.MODEL, title, model)
    decision = ledger.sign(Decision.Kind.CREATE, name, f"“{name.name}” is a new model, {title}, of {lab}")
    return Done((decision,), read_again(endpoints, now=now))


def new_model(ledger: Ledger, *, title: str, lab: Lab, family: Family | None, released: date | None) -> AIModel:
    """A model that has no name yet, by which sources could bring it facts: `add_alias` gives it one."""
    if family is not None and family.lab_id != lab.pk:
        raise Refused(f"{family} is a family of {family.lab}, not of {lab}.")
    title = " ".join(title.split())
    slug = slugify(normalise(title).replace(".", "-"))
    if not slug:
        raise Refused("The model needs a name with a letter or a digit in it.")
    values = {"name": title, "lab_id": lab.pk, "family_id": family.pk if family else None, "identity_date": released}
    model = AIModel.objects.filter(slug=slug).first() or AIModel.objects.filter(name=title).first()
    if model is None:
        model = AIModel(slug=slug, **values)
        ledger.create(model)
    elif model.aliases.exists():
        raise Refused(f"{model} is known already: choose it instead of creating it.")
    else:
        # Created before and undone: facts of the past hang on it, so it is taken up again.
        ledger.update(model, **values)
    ledger.concern(lab)
    return model


@transaction.atomic
def split_setting(
    name: Unresolved, *, base: str, setting: str, model: AIModel, by: User, reason: str, now: datetime
) -> Done:
    """The name is `base`, which means this model, and words that say how it was run.

    Words that every name can end in ("_high") are taken off by rule, so the base alone becomes an alias and all its
    settings follow. Other words are kept with this one name.
    """
    ledger = Ledger(by=by, reason=reason, now=now)
    (name,) = _locked([name])
    _must_wait(name)
    base, setting = " ".join(base.split()), " ".join(setting.split())
    if name.kind != Kind.MODEL:
        raise Refused(f"“{name.name}” names a {name.kind}; only a model has settings.")
    if not normalise(base) or not setting:
        raise Refused("Both parts are needed: the model's name and the words of the setting.")
    by_rule = any(normalise(reading.base) == normalise(base) for reading in _literal(name.name)[1:])
    if by_rule:
        endpoints = _explain(ledger, name, base, model)
    else:
        endpoints = _explain(ledger, name, name.name, model)
        alias = Alias.objects.get(kind=Kind.MODEL, key=name.key)
        effort = setting.lower() if setting.lower() in EFFORTS else ""
        ledger.create(NamedSetting(alias=alias, effort=effort, mode="" if effort else setting))
        if not Alias.objects.filter(kind=Kind.MODEL, key=normalise(base)).exists():
            endpoints |= add_alias(ledger, Kind.MODEL, base, model)
    decision = ledger.sign(Decision.Kind.SPLIT, name, f"“{name.name}” is {model}, run as “{setting}”")
    return Done((decision,), read_again(endpoints, now=now))


@transaction.atomic
def ignore_names(names: Iterable[Unresolved], *, by: User, reason: str, now: datetime) -> Done:
    """The rows under these names are not wanted: they are kept with their documents and never become facts."""
    ledger, decisions = Ledger(by=by, reason=reason, now=now), []
    for name in _locked(names):
        _must_wait(name)
        _decide(ledger, name, Unresolved.State.IGNORED)
        decisions.append(ledger.sign(Decision.Kind.IGNORE, name, f"“{name.name}” of {name.endpoint.source}"))
    return Done(tuple(decisions))


def _locked(names: Iterable[Unresolved]) -> list[Unresolved]:
    """The rows as they are now, held until the transaction ends: of two curators at one name the second is refused."""
    wanted = {name.pk for name in names}
    rows = Unresolved.objects.select_for_update(of=("self",)).select_related("suggestion", "endpoint__source")
    found = list(rows.filter(pk__in=wanted).order_by("pk"))
    if len(found) < len(wanted):
        raise Refused("A name is gone: load the list again.")
    return found


def _must_wait(name: Unresolved) -> None:
    if name.state != Unresolved.State.WAITING:
        raise Refused(f"“{name.name}” waits no longer: it is {name.state}.")


def _explain(ledger: Ledger, name: Unresolved, text: str, target: Target) -> set[int]:
    """Add the alias and take the name off every source's queue; returns the endpoints that may hold its rows."""
    if KINDS[type(target)] != name.kind:
        raise Refused(f"“{name.name}” names a {name.kind}, not a {KINDS[type(target)]}.")
    endpoints = add_alias(ledger, Kind(name.kind), text, target)
    same = Unresolved.objects.filter(kind=name.kind, key=name.key, state=Unresolved.State.WAITING)
    for row in same.select_for_update(of=("self",)).order_by("pk"):
        _decide(ledger, row, Unresolved.State.RESOLVED)
        endpoints.add(row.endpoint_id)
    return endpoints


def _decide(ledger: Ledger, name: Unresolved, outcome: Unresolved.State) -> None:
    ledger.update(name, state=outcome, decided_by_id=ledger.by.pk, decided_at=ledger.now, reason=ledger.reason)


def add_alias(ledger: Ledger, kind: Kind, text: str, target: Target) -> set[int]:
    """Let the name mean the target; returns the endpoints that may hold its rows."""
    key, field = normalise(text), f"{kind}_id"
    if not key:
        raise Refused(f"“{text}” holds no letter or digit: it cannot be told from nothing.")
    ledger.concern(target)
    alias = Alias.objects.filter(kind=kind, key=key).first()
    if alias is None:
        who = ledger.by.get_username()
        ledger.create(Alias(kind=kind, key=key, name=text, added_by=who, **{field: target.pk}))
    elif getattr(alias, field) != target.pk:
        raise Refused(f"“{text}” already means {getattr(alias, kind)}.")
    return endpoints_naming(kind, key)


def endpoints_naming(kind: str, key: str) -> set[int]:
    """The endpoints that used, beside names that resolve, one that may be this name with a setting or host around it.
    More than needed does no harm: a re-read that changes nothing writes nothing."""
    waiting = Unresolved.objects.filter(kind=kind, key__contains=key).exclude(state=Unresolved.State.IGNORED)
    return set(waiting.values_list("endpoint", flat=True).distinct())

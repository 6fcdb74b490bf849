"""What kinds of things labs do that the timelines show, and which of them say how open a lab is."""

from enum import StrEnum


class EventKind(StrEnum):
    """What a lab did. Beside the timeline, promises and the waits for weights are read off these kinds."""

    OPEN_RELEASE = "open-release"  # weights under terms that let anyone use them commercially
    RESTRICTED_RELEASE = "restricted-release"  # weights under terms that shut some uses or users out
    CLOSED_RELEASE = "closed-release"  # through an API or a product only
    LICENCE_CHANGE = "licence-change"
    TRACK_OPENED = "track-opened"  # a line of models that will be open from now on
    TRACK_CLOSED = "track-closed"
    REASONING_PIVOT = "reasoning-pivot"
    STAGED_ACCESS = "staged-access"  # gated, limited, trusted testers only
    PRICE_CHANGE = "price-change"
    FUNDING = "funding"
    PEOPLE = "people"
    POLICY = "policy"
    PROMISE = "promise"
    PROMISE_KEPT = "promise-kept"  # `about` is the promise's key
    PROMISE_BROKEN = "promise-broken"
    RESEARCH = "research"
    INFRASTRUCTURE = "infrastructure"


class Topic(StrEnum):
    """What people are asked about, and disagree on."""

    OPENNESS = "openness"  # what should be open, and from which capability on not
    SAFETY = "safety"  # gates before a release
    GAP = "gap"  # how far open models are behind
    ABUNDANCE = "abundance"  # intelligence too cheap to meter, or not
    WORLD_MODELS = "world-models"  # whether language models are the way
    SPECIALISTS = "specialists"
    BUSINESS = "business"
    GEOPOLITICS = "geopolitics"
    EFFICIENCY = "efficiency"
    LABOUR = "labour"

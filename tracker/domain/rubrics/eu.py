"""Whether a release could use the open-source exemption of Art. 53(2) of the EU AI Act. Guidance, and binding nobody.

The exemption never holds for models with systemic risk, and a copyright policy and a summary of the training data stay
due under it: neither is judged here.
"""

from tracker.domain.records import Access
from tracker.domain.release_facts import Part, ReleaseFacts, State
from tracker.domain.rubrics.base import Need, Rubric, Verdict, deciding, evidences, steps
from tracker.domain.rubrics.osaid import licence_missing, weights_missing
from tracker.domain.rubrics.terms import Found, Limit, limits, unread

NON_BINDING = "non-binding guidance"
CAVEAT = "not for models with systemic risk"
# What the guidelines of 18 July 2025 say disqualifies, what may be drawn narrowly enough, and what is fine.
DISQUALIFIES = frozenset(
    {Limit.NONCOMMERCIAL, Limit.PERMISSION, Limit.CHANGE, Limit.THRESHOLD, Limit.PLACE, Limit.OUTPUTS}
)
DOUBTFUL = frozenset({Limit.USE, Limit.REMOTE})
LABELS = {
    "pass": "would qualify",
    "likely": "would likely qualify",
    "unclear": "unclear: limits drawn for safety may be allowed",
    "fail": "would not qualify",
    "unknown": "nobody has told enough",
}


def judge(facts: ReleaseFacts) -> Verdict:
    """Fail where somebody denied what is asked for; else unknown where nobody spoke of some of it; else unclear where
    limits may be narrow enough, else likely where all that is asked is a label, else pass."""
    found = limits(facts.licence) if facts.licence else []
    needs = [*_licence_needs(facts, found), *_information_needs(facts)]
    value = _value(needs, found)
    evidence = (facts.access_evidence, facts.licence_evidence, *evidences(*(facts.part(part) for part in INFORMATION)))
    return Verdict(
        rubric="eu-53-2",
        version=VERSION,
        value=value,
        label=LABELS[value],
        certain=value != "unknown",
        decided_by=deciding(needs),
        missing=tuple(needs),
        next_step=steps(needs),
        vector={
            "licence": "fails" if _licence_needs(facts, found) else "passes",
            "architecture and usage": "fails" if _information_needs(facts) else "passes",
        },
        evidence=tuple(dict.fromkeys(name for name in evidence if name)),
        tags=(NON_BINDING, CAVEAT),
    )


def _value(needs: list[Need], found: list[Found]) -> str:
    kinds = {one.limit for one in found}
    soft = {one.need.what for one in found if one.limit not in DISQUALIFIES}
    if any(not need.unknown and need.what not in soft for need in needs) or kinds & DISQUALIFIES:
        return "fail"
    if any(need.unknown for need in needs):
        return "unknown"
    if kinds & DOUBTFUL:
        return "unclear"
    return "likely" if kinds else "pass"


def _licence_needs(facts: ReleaseFacts, found: list[Found]) -> list[Need]:
    if facts.weights is not State.OPEN:
        return [weights_missing(facts)]
    if facts.licence is None:
        # Weights that a source calls restricted may still qualify: the class does not say by what.
        if facts.access is Access.WEIGHTS_RESTRICTED:
            words = "nobody has said by which terms the weights are restricted"
            step = "find out the licence of the final weights"
            return [Need("licence", words, step, unknown=True, evidence=facts.access_evidence)]
        return [licence_missing(facts)]
    return [one.need for one in found] or unread(facts.licence)


# What tells of the architecture, and of how to use the model: one of each is asked for.
ARCHITECTURE = (Part.ARCHITECTURE, Part.HARDWARE, Part.REPORT)
USAGE = (Part.MODEL_CARD, Part.CODE_DOCUMENTATION, Part.INFERENCE_CODE)
INFORMATION = ARCHITECTURE + USAGE


def _information_needs(facts: ReleaseFacts) -> list[Need]:
    needs = []
    for what, words, parts in (
        ("architecture-information", "information on the architecture", ARCHITECTURE),
        ("usage-information", "information on usage", USAGE),
    ):
        states = [facts.part(part).state for part in parts]
        if State.OPEN in states or State.PARTIAL in states:
            continue
        if all(state is State.CLOSED for state in states):
            needs.append(Need(what, f"{words} was not published", f"publish {words}"))
        else:
            step = f"find out whether {words} was published"
            needs.append(Need(what, f"nobody has said whether {words} was published", step, unknown=True))
    return needs


VERSION = "2025-07-18"
RUBRIC = Rubric(
    slug="eu-53-2",
    version=VERSION,
    title="EU AI Act, Art. 53(2): open-source exemption (non-binding)",
    source="https://eur-lex.europa.eu/eli/reg/2024/1689/oj",
    judge=judge,
    scale="fail, unclear, likely, pass, or unknown",
    binding=False,
)

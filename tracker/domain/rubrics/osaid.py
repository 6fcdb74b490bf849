"""OSI's Open Source AI Definition 1.0 (28 October 2024): weights and code under open terms, and all about the data.

The weights' licence must be OSI-approved; where it is not, the verdict names the criterion of the Open Source
Definition that its clause fails. Weights alone are never "open source".
"""

from tracker.domain.records import Access
from tracker.domain.release_facts import LicenceTerms, Part, ReleaseFacts, State
from tracker.domain.rubrics.base import UNTOLD, Need, Rubric, Verdict, absent, deciding, evidences, steps, unreleased
from tracker.domain.rubrics.open_licences import is_open
from tracker.domain.rubrics.terms import LIFTING, OSD, Limit, limits, unread

PASS, FAIL, UNTOLD_YET = "pass", "fail", "unknown"
OSI_STEP = "put the weights under an OSI-approved licence"


def judge(facts: ReleaseFacts) -> Verdict:
    """Pass where nothing is lacking, fail where somebody denied something, unknown where all that lacks is untold."""
    needs = [*weights_needs(facts), *_data_needs(facts), *_code_needs(facts)]
    value = PASS if not needs else FAIL if any(not need.unknown for need in needs) else UNTOLD_YET
    labels = {PASS: "open source AI", FAIL: "not open source AI", UNTOLD_YET: "nobody has told enough"}
    return Verdict(
        rubric="osaid",
        version=VERSION,
        value=value,
        label=labels[value],
        certain=value != UNTOLD_YET,
        decided_by=deciding(needs),
        missing=tuple(needs),
        next_step=steps(needs),
        vector={
            "weights": "fails" if weights_needs(facts) else "passes",
            "data information": "fails" if _data_needs(facts) else "passes",
            "code": "fails" if _code_needs(facts) else "passes",
        },
        evidence=_evidence(facts),
    )


def _evidence(facts: ReleaseFacts) -> tuple[str, ...]:
    parts = evidences(*(facts.part(part) for part in (Part.DATA_INFORMATION, Part.TRAINING_CODE)))
    own = tuple(name for name in (facts.access_evidence, facts.licence_evidence) if name)
    return tuple(dict.fromkeys((*own, *parts)))


def weights_needs(facts: ReleaseFacts) -> list[Need]:
    """Why the weights are not under OSI-approved terms: not there, or not under such a licence."""
    if facts.weights is not State.OPEN:
        return [weights_missing(facts)]
    if facts.licence is None:
        return [licence_missing(facts)]
    needs = licence_needs(facts.licence)
    if not needs and facts.access is Access.WEIGHTS_NONCOMMERCIAL:
        words = f"the source classes the weights as non-commercial, though their licence is {facts.licence.name}"
        return [Need("licence:commercial", words, LIFTING[Limit.NONCOMMERCIAL], evidence=facts.access_evidence)]
    return needs


def weights_missing(facts: ReleaseFacts) -> Need:
    """What is said where the final weights are not known to be there for everybody."""
    if facts.access is not None:
        words, step = "the final weights were not released", "release the final weights"
        return Need(Part.WEIGHTS.value, words, step, evidence=facts.access_evidence)
    return absent(Part.WEIGHTS, facts.part(Part.WEIGHTS))


def licence_missing(facts: ReleaseFacts) -> Need:
    """What is said where no licence is known: the source may still class the terms."""
    if facts.access is Access.WEIGHTS_NONCOMMERCIAL:
        words = "the source classes the weights as non-commercial"
        return Need("licence:commercial", words, LIFTING[Limit.NONCOMMERCIAL], evidence=facts.access_evidence)
    if facts.access is Access.WEIGHTS_RESTRICTED:
        words = "the source classes the terms of the weights as restricted"
        return Need("licence", words, OSI_STEP, evidence=facts.access_evidence)
    words = "nobody has said under which licence the final weights were released"
    return Need("licence", words, "find out the licence of the final weights", unknown=True)


def licence_needs(licence: LicenceTerms) -> list[Need]:
    """Why a licence does not grant the four freedoms. The OSI's approval settles it, unless commercial use is denied by
    what was read."""
    if licence.osi_approved == "yes":
        hard = (Limit.NONCOMMERCIAL, Limit.PERMISSION)
        return [found.need for found in limits(licence) if found.limit in hard] or unread(licence)
    found_limits = limits(licence)
    if found_limits:
        return [
            Need(
                found.need.what,
                f"{found.need.words} ({OSD[found.limit]})",
                found.need.step,
                quote=found.need.quote,
                evidence=found.need.evidence,
            )
            for found in found_limits
        ]
    if licence.osi_approved == "no":
        words = f"{licence.name} is not approved by the OSI"
        return [Need("licence:osi_approved", words, OSI_STEP, evidence=licence.evidence)]
    words = f"nobody has said whether the OSI approved {licence.name}"
    step = f"find out whether the OSI approved {licence.name}"
    return [Need("licence:osi_approved", words, step, unknown=True, evidence=licence.evidence), *unread(licence)]


def _data_needs(facts: ReleaseFacts) -> list[Need]:
    need = unreleased(Part.DATA_INFORMATION, facts.part(Part.DATA_INFORMATION))
    return [] if need is None else [need]


def _code_needs(facts: ReleaseFacts) -> list[Need]:
    """The training code runs the model, so running it is in question only where somebody denies all code that would."""
    component = facts.part(Part.TRAINING_CODE)
    needs = []
    if need := unreleased(Part.TRAINING_CODE, component):
        needs.append(need)
    elif component.licence is not None and not is_open(component.licence):
        needs.append(_unopened(component.licence, component.evidence))
    running = [facts.part(part) for part in (Part.INFERENCE_CODE, Part.ARCHITECTURE)]
    if all(part.state is State.CLOSED for part in running):
        needs.append(absent(Part.INFERENCE_CODE, running[0]))
    return needs


def _unopened(licence: str, evidence: str) -> Need:
    name = Part.TRAINING_CODE.words
    if licence.casefold() in UNTOLD:
        words = f"nobody has said under which licence {name} was released"
        return Need(Part.TRAINING_CODE.value, words, f"find out the licence of {name}", unknown=True, evidence=evidence)
    words = f"released under {licence}, which is no open licence" if licence else "released without a licence"
    return Need(Part.TRAINING_CODE.value, f"{name} was {words}", f"put {name} under an open licence", evidence=evidence)


VERSION = "1.0"
RUBRIC = Rubric(
    slug="osaid",
    version=VERSION,
    title="Open Source AI Definition 1.0 (OSI)",
    source="https://opensource.org/ai/open-source-ai-definition",
    judge=judge,
    scale="pass, fail, or unknown",
)

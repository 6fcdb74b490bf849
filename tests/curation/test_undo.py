"""Every kind of decision: that it can be taken back is claimed here, and tested where the kind is."""

import re
from pathlib import Path

import pytest

from tracker.models import Decision

# Where a test takes a decision of the kind back and finds things as they were.
UNDONE_IN = {
    "accept-suggestion": "test_names.py",
    "explain-name": "test_names.py",
    "create-model": "test_names.py",
    "split-setting": "test_names.py",
    "ignore-name": "test_names.py",
    "prefer-evidence": "test_evidence.py",
    "accept-document": "test_documents.py",
    "reject-document": "test_documents.py",
    "switch-source": "test_switches.py",
    "switch-benchmark": "test_switches.py",
    "acknowledge-alarm": "test_switches.py",
    "read-licence": "test_licences.py",
    "adopt-release": "test_releases.py",
    "dismiss-release": "test_releases.py",
    "write-insight": "test_insights.py",
    "edit-digest": "test_digest.py",
    "approve-digest": "test_digest.py",
    "withhold-digest": "test_digest.py",
    "settle-letter": "test_letters.py",
    "ask-evaluation": "test_evaluations.py",
    "cancel-evaluation": "test_evaluations.py",
}


def test_every_kind_of_decision_but_undoing_itself_has_its_test():
    assert {kind.value for kind in Decision.Kind} - {"undo"} == UNDONE_IN.keys()


@pytest.mark.parametrize("file", sorted(set(UNDONE_IN.values())))
def test_the_file_takes_decisions_back(file):
    text = (Path(__file__).parent / file).read_text("utf-8")
    assert re.search(r"def test_\w*(undo|undoing|undone|back|withdraw)", text)
    assert "curation.undo(" in text

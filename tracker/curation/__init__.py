"""People's decisions, as verbs: each says who decides and why, leaves a row that says so, and can be undone."""

from tracker.curation.digest import EDITABLE, approve_digest, edit_digest, withhold_digest
from tracker.curation.documents import accept_quarantined, reject_quarantined
from tracker.curation.evaluations import ask_evaluation, cancel_evaluation
from tracker.curation.evidence import prefer_evidence
from tracker.curation.insights import edit_insight, write_insight
from tracker.curation.ledger import Done, Refused
from tracker.curation.letters import settle_letters
from tracker.curation.licences import read_licence, withdraw_reading
from tracker.curation.names import (
    accept_suggestions,
    create_model,
    explain_name,
    ignore_names,
    split_setting,
    would_add,
)
from tracker.curation.releases import adopt_release, dismiss_releases
from tracker.curation.switches import acknowledge_alarms, switch_benchmark_display, switch_source
from tracker.curation.undo import undo

__all__ = [
    "EDITABLE",
    "Done",
    "Refused",
    "accept_quarantined",
    "accept_suggestions",
    "acknowledge_alarms",
    "adopt_release",
    "approve_digest",
    "ask_evaluation",
    "cancel_evaluation",
    "create_model",
    "dismiss_releases",
    "edit_digest",
    "edit_insight",
    "explain_name",
    "ignore_names",
    "prefer_evidence",
    "read_licence",
    "reject_quarantined",
    "settle_letters",
    "split_setting",
    "switch_benchmark_display",
    "switch_source",
    "undo",
    "withdraw_reading",
    "withhold_digest",
    "would_add",
    "write_insight",
]

"""What an issue says can be written once: readers, the archive and a resumed sending all see the same words."""

from django.db import migrations

FROZEN = """
CREATE FUNCTION tracker_issue_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the digest of % is frozen', OLD.week USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER tracker_issue_frozen BEFORE UPDATE ON tracker_issue FOR EACH ROW
    WHEN (OLD.content IS NOT NULL AND NEW.content IS DISTINCT FROM OLD.content)
    EXECUTE FUNCTION tracker_issue_frozen();
CREATE TRIGGER tracker_issue_arranged BEFORE UPDATE ON tracker_issue FOR EACH ROW
    WHEN (OLD.state IN ('approved', 'sent') AND (NEW.note, NEW.dropped, NEW."order")
          IS DISTINCT FROM (OLD.note, OLD.dropped, OLD."order"))
    EXECUTE FUNCTION tracker_issue_frozen();
"""
THAWED = """
DROP TRIGGER tracker_issue_arranged ON tracker_issue;
DROP TRIGGER tracker_issue_frozen ON tracker_issue;
DROP FUNCTION tracker_issue_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("tracker", "0013_digest")]

    operations = [migrations.RunSQL(FROZEN, THAWED)]

"""What 0021 asks of every source from now on holds for those of before."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("tracker", "0021_shown_sources")]

    operations = [ValidateConstraint(model_name="source", name="shown_source_has_licence_and_publisher")]

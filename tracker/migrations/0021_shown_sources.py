"""A source whose data are shown says under which licence and whose they are."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("tracker", "0020_operators_letters")]

    operations = [
        AddConstraintNotValid(
            model_name="source",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("may_display", False),
                    models.Q(models.Q(("data_licence", ""), _negated=True), models.Q(("publisher", ""), _negated=True)),
                    _connector="OR",
                ),
                name="shown_source_has_licence_and_publisher",
            ),
        ),
    ]

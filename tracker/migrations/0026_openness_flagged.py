"""The few verdicts with a flag on what a model was made from are found without opening all of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("tracker", "0025_second_index_in_steps")]

    operations = [
        AddIndexConcurrently(
            model_name="opennessstate",
            index=models.Index(
                condition=models.Q(
                    models.Func(
                        models.F("verdicts"),
                        output_field=models.BooleanField(),
                        template="jsonb_path_exists(%(expressions)s, '$.lineage[*].flags[*]')",
                    )
                ),
                fields=["run", "rung"],
                name="openness_flagged",
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0026_openness_flagged'),
    ]

    operations = [
        migrations.AlterField(
            model_name='drawslice',
            name='kind',
            field=models.CharField(choices=[('rows', 'scores drawn anew'), ('without', 'a benchmark left out'), ('climb', 'second index: steps to its mode'), ('second', 'second index'), ('maxxing', 'benchmaxxing: benchmarks weighed anew')], max_length=8),
        ),
    ]

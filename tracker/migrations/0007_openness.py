import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0006_acknowledged'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='LicenceChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('found_at', models.DateTimeField()),
                ('report', models.JSONField(help_text='Clauses added, removed and changed; terms gained and lost.')),
                ('after', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='change', to='tracker.licencetext')),
                ('before', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracker.licencetext')),
                ('lab', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='licence_changes', to='tracker.lab')),
                ('licence', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='tracker.licence')),
                ('model', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='licence_changes', to='tracker.aimodel')),
            ],
            options={
                'ordering': ('-found_at', '-pk'),
                'indexes': [models.Index(fields=['-found_at'], name='licence_change_by_time')],
            },
        ),
        migrations.CreateModel(
            name='LicenceReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text_sha256', models.CharField(help_text='Of the normalised text that was read.', max_length=64)),
                ('terms', models.JSONField()),
                ('clauses', models.JSONField(default=list)),
                ('note', models.TextField(blank=True, default='')),
                ('at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='licence_readings', to=settings.AUTH_USER_MODEL)),
                ('licence', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='tracker.licence')),
                ('text', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='tracker.licencetext')),
            ],
            options={
                'ordering': ('-at', '-pk'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('text_sha256', 'by'), name='one_reading_per_text_and_curator'), models.CheckConstraint(condition=models.Q(('text__isnull', False), ('licence__isnull', False), _connector='OR'), name='reading_is_of_something'), models.CheckConstraint(condition=models.Q(('text_sha256__regex', '^[0-9a-f]{64}$')), name='reading_sha256_is_hex')],
            },
        ),
        migrations.CreateModel(
            name='OpennessState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rung', models.PositiveSmallIntegerField(help_text='Of the ladder, 0 to 8.')),
                ('blocker', models.TextField(blank=True, default='', help_text='The one step that would lift it to the next rung.')),
                ('verdicts', models.JSONField(default=dict, help_text='Rubric to its verdict, as domain.rubrics gives it.')),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openness', to='tracker.aimodel')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='openness', to='tracker.indexrun')),
            ],
            options={
                'indexes': [models.Index(fields=['run', '-rung'], name='openness_by_rung')],
                'constraints': [models.UniqueConstraint(fields=('run', 'model'), name='one_openness_per_run_and_model'), models.CheckConstraint(condition=models.Q(('rung__gte', 0), ('rung__lte', 8)), name='openness_rung')],
            },
        ),
        migrations.CreateModel(
            name='ProposedRelease',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(help_text='The name, normalised.', unique=True)),
                ('name', models.TextField()),
                ('pattern', models.CharField(help_text='Why the words may name a model.', max_length=12)),
                ('reason', models.TextField()),
                ('seen_in', models.JSONField(default=list, help_text='Titles and repositories, with their addresses and dates.')),
                ('state', models.CharField(choices=[('waiting', 'waits for a decision'), ('adopted', 'adopted'), ('dismissed', 'dismissed'), ('explained', 'explained since')], default='waiting', max_length=10)),
                ('found_at', models.DateTimeField()),
                ('lab', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='proposed', to='tracker.lab')),
            ],
            options={
                'verbose_name': 'proposed release',
                'ordering': ('-found_at', 'pk'),
                'indexes': [models.Index(fields=['state', '-found_at'], name='proposed_by_state')],
            },
        ),
        migrations.AddField(
            model_name='assessment',
            name='lab',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='tracker.lab'),
        ),
        migrations.AddField(
            model_name='release',
            name='base_relation',
            field=models.CharField(blank=True, default='', max_length=20),
        ),
        migrations.AddField(
            model_name='release',
            name='base_words',
            field=models.TextField(blank=True, default='', help_text="What it was made from, in the source's words."),
        ),
        migrations.AddField(
            model_name='source',
            name='may_hand_on',
            field=models.BooleanField(default=True, help_text='The documents themselves may be downloaded here.'),
        ),
        migrations.AddField(
            model_name='source',
            name='rolling',
            field=models.BooleanField(default=False, help_text='A window onto a longer list: what leaves it still holds.'),
        ),
        migrations.AlterField(
            model_name='assessment',
            name='model',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='tracker.aimodel'),
        ),
        migrations.AlterField(
            model_name='decision',
            name='kind',
            field=models.CharField(choices=[('accept-suggestion', 'suggestion accepted'), ('explain-name', 'name explained'), ('create-model', 'model created'), ('split-setting', 'setting split off'), ('ignore-name', 'name ignored'), ('prefer-evidence', 'evidence chosen'), ('accept-document', 'document accepted'), ('reject-document', 'document rejected'), ('switch-source', 'source switched'), ('switch-benchmark', "benchmark's display switched"), ('acknowledge-alarm', 'alarm acknowledged'), ('read-licence', 'licence read'), ('adopt-release', 'proposed release adopted'), ('dismiss-release', 'proposed release dismissed'), ('undo', 'decision undone')], max_length=24),
        ),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('model__isnull', False), ('lab__isnull', False), _connector='OR'), name='assessment_is_of_somebody'),
        ),
    ]

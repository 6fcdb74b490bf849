import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0016_without_renderings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('lease_by', models.CharField(blank=True, default='', max_length=64)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(blank=True, help_text='No attempt before this time.', null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('model', models.CharField(help_text='A GGUF file, a folder of safetensors, hf:owner/name, package:module, or an endpoint.', max_length=400)),
                ('name', models.CharField(help_text='What the model is called in the scores; names are resolved.', max_length=200)),
                ('suite', models.SlugField(max_length=60)),
                ('suite_version', models.PositiveIntegerField(blank=True, null=True)),
                ('engine', models.CharField(default='auto', max_length=20)),
                ('device', models.CharField(default='auto', max_length=8)),
                ('mode', models.CharField(choices=[('greedy', 'greedy'), ('sampled', 'sampled'), ('choice', 'likelihood of choices')], default='greedy', max_length=8)),
                ('temperature', models.FloatField(default=0.0)),
                ('top_p', models.FloatField(default=1.0)),
                ('max_tokens', models.PositiveIntegerField(default=512)),
                ('repeats', models.PositiveSmallIntegerField(default=1, help_text='Samples a question.')),
                ('limit', models.PositiveIntegerField(blank=True, help_text='Questions; blank: all of the suite.', null=True)),
                ('seed', models.BigIntegerField(blank=True, help_text="Of the items. Blank: the suite's public one.", null=True)),
                ('week', models.CharField(blank=True, default='', help_text='Of the secret series (2026-W47): its seed is told afterwards.', max_length=8)),
                ('sample_seconds', models.FloatField(default=120.0, help_text='What one sample may take.')),
                ('budget_tokens', models.BigIntegerField(blank=True, null=True)),
                ('budget_seconds', models.FloatField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'waiting for a worker'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('cancelled', 'cancelled'), ('spent', 'stopped at its budget')], default='waiting', max_length=9)),
                ('message', models.TextField(blank=True, default='', help_text='Why it failed or stopped, in words for a person.')),
                ('asked_at', models.DateTimeField()),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('record', models.JSONField(blank=True, default=dict, help_text='All that is needed to run it again.')),
                ('summary', models.JSONField(blank=True, default=dict, help_text='Accuracy, errors and energy, once it is done.')),
                ('asked_by', models.ForeignKey(blank=True, help_text='Blank: a command.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('log', models.ForeignKey(blank=True, help_text='The log as it was handed in.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracker.snapshot')),
            ],
            options={
                'ordering': ('-pk',),
                'indexes': [models.Index(condition=models.Q(('state__in', ('waiting', 'running'))), fields=['id'], name='evaluation_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ('waiting', 'running'))), models.Q(('finished_at__isnull', False), ('state__in', ('done', 'failed', 'cancelled', 'spent'))), _connector='OR'), name='evaluation_finished_iff_at_an_end'), models.CheckConstraint(condition=models.Q(('repeats__gte', 1)), name='evaluation_repeats'), models.CheckConstraint(condition=models.Q(('mode', 'sampled'), models.Q(('repeats', 1), ('temperature', 0)), _connector='OR'), name='evaluation_greedy_once')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('lease_by', models.CharField(blank=True, default='', max_length=64)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(blank=True, help_text='No attempt before this time.', null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('number', models.PositiveIntegerField()),
                ('nonce', models.CharField(help_text='Its answers carry it.', max_length=32)),
                ('concurrency', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('done', 'done'), ('split', 'halved: it did not fit into memory')], default='waiting', max_length=7)),
                ('seconds', models.FloatField(blank=True, null=True)),
                ('energy', models.JSONField(blank=True, help_text='domain.evaluation.Energy; null: there was no meter.', null=True)),
                ('host', models.CharField(blank=True, default='', max_length=120)),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='batches', to='tracker.evaluation')),
            ],
            options={
                'ordering': ('evaluation', 'number'),
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['evaluation', 'number'], name='batch_waiting')],
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'number'), name='one_batch_per_number')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationHost',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('hardware', models.JSONField(default=dict)),
                ('first_seen', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('name',),
                'constraints': [models.CheckConstraint(condition=models.Q(('seen_at__gte', models.F('first_seen'))), name='host_seen_in_order')],
            },
        ),
        migrations.CreateModel(
            name='EvaluationSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=160)),
                ('repeat', models.PositiveSmallIntegerField(default=0)),
                ('cluster', models.CharField(max_length=120)),
                ('prompt', models.TextField()),
                ('target', models.TextField()),
                ('choices', models.JSONField(blank=True, default=list)),
                ('meta', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('done', 'answered'), ('failed', 'not answered')], default='waiting', max_length=7)),
                ('failure', models.CharField(blank=True, default='', max_length=40)),
                ('detail', models.TextField(blank=True, default='')),
                ('text', models.TextField(blank=True, default='', help_text="The model's answer as it came.")),
                ('extracted', models.TextField(blank=True, default='', help_text='What was taken as the answer.')),
                ('exact', models.FloatField(blank=True, null=True)),
                ('own', models.FloatField(blank=True, help_text="The generator's own score, where it has one.", null=True)),
                ('likelihoods', models.JSONField(blank=True, default=list)),
                ('tokens_in', models.PositiveIntegerField(blank=True, null=True)),
                ('tokens_out', models.PositiveIntegerField(blank=True, null=True)),
                ('seconds', models.FloatField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='tracker.evaluationbatch')),
                ('evaluation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='samples', to='tracker.evaluation')),
            ],
            options={
                'ordering': ('pk',),
                'indexes': [models.Index(fields=['batch', 'state'], name='sample_by_batch'), models.Index(fields=['evaluation', 'state'], name='sample_by_state')],
                'constraints': [models.UniqueConstraint(fields=('evaluation', 'item', 'repeat'), name='one_sample_per_item_and_repeat'), models.CheckConstraint(condition=models.Q(models.Q(('exact', None), ('finished_at', None), ('state', 'waiting')), models.Q(('exact__isnull', False), ('finished_at__isnull', False), ('state', 'done')), models.Q(('finished_at__isnull', False), ('state', 'failed'), models.Q(('failure', ''), _negated=True)), _connector='OR'), name='sample_answered_once'), models.CheckConstraint(condition=models.Q(('exact', None), ('exact__in', (0, 1)), _connector='OR'), name='sample_exact_is_0_or_1'), models.CheckConstraint(condition=models.Q(('own', None), models.Q(('own__gte', 0), ('own__lte', 1)), _connector='OR'), name='sample_own_in_0_1')],
            },
        ),
        migrations.CreateModel(
            name='WeekSeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.CharField(max_length=8, unique=True)),
                ('seed', models.BigIntegerField()),
                ('drawn_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-week',),
                'constraints': [models.CheckConstraint(condition=models.Q(('week__regex', '^\\d{4}-W\\d{2}$')), name='week_seed_is_an_iso_week')],
            },
        ),
        migrations.AlterField(
            model_name='decision',
            name='kind',
            field=models.CharField(choices=[('accept-suggestion', 'suggestion accepted'), ('explain-name', 'name explained'), ('create-model', 'model created'), ('split-setting', 'setting split off'), ('ignore-name', 'name ignored'), ('prefer-evidence', 'evidence chosen'), ('accept-document', 'document accepted'), ('reject-document', 'document rejected'), ('switch-source', 'source switched'), ('switch-benchmark', "benchmark's display switched"), ('acknowledge-alarm', 'alarm acknowledged'), ('read-licence', 'licence read'), ('adopt-release', 'proposed release adopted'), ('dismiss-release', 'proposed release dismissed'), ('write-insight', 'insight written'), ('edit-digest', 'digest edited'), ('approve-digest', 'digest approved'), ('withhold-digest', 'digest withheld'), ('settle-letter', 'letter settled'), ('ask-evaluation', 'evaluation asked for'), ('cancel-evaluation', 'evaluation called off'), ('undo', 'decision undone')], max_length=24),
        ),
        migrations.AlterField(
            model_name='score',
            name='evaluator',
            field=models.CharField(choices=[('first-party', 'first-party'), ('leaderboard', 'leaderboard'), ('third-party', 'third-party'), ('own-run', 'own-run'), ('unstated', 'unstated')], max_length=12),
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0009_claims'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Forecast',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(help_text='Of domain.forecasts, or the slug of the claim it was taken from.', max_length=40)),
                ('question', models.CharField(help_text="One of domain.forecasts' questions.", max_length=60)),
                ('made_on', models.DateField()),
                ('due', models.DateField()),
                ('prediction', models.JSONField(help_text="Quantiles by level, or a probability, in the question's unit.")),
                ('observed', models.FloatField(blank=True, null=True)),
                ('score', models.FloatField(blank=True, help_text="By the question's proper rule; smaller is better.", null=True)),
                ('scored_at', models.DateTimeField(blank=True, null=True)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='forecasts', to='tracker.indexrun')),
                ('scored_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='scored_forecasts', to='tracker.indexrun')),
            ],
            options={
                'ordering': ('due', 'question', 'method', 'made_on'),
                'constraints': [models.UniqueConstraint(fields=('method', 'question', 'made_on', 'due'), name='one_forecast_per_method_question_and_day'), models.CheckConstraint(condition=models.Q(('due__gt', models.F('made_on'))), name='forecast_of_a_later_day'), models.CheckConstraint(condition=models.Q(models.Q(('observed', None), ('score', None), ('scored_at', None)), models.Q(('observed__isnull', False), ('score__isnull', False), ('scored_at__isnull', False)), _connector='OR'), name='forecast_scored_with_what_was_observed')],
            },
        ),
        migrations.CreateModel(
            name='Insight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text="Kind and subject of the finding; a curator's: free.", max_length=200, unique=True)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('kind', models.CharField(max_length=40)),
                ('found_on', models.DateField()),
                ('title', models.CharField(max_length=200)),
                ('summary', models.TextField(help_text='The TL;DR.')),
                ('evidence', models.JSONField(default=list, help_text='text and url of each piece.')),
                ('impact', models.TextField(blank=True, default='')),
                ('horizon', models.CharField(choices=[('now', 'now'), ('months', 'in months'), ('years', 'in years')], default='now', max_length=8)),
                ('tags', models.JSONField(default=list)),
                ('subjects', models.JSONField(default=list, help_text='kind:slug of what it is about; related ones share some.')),
                ('weight', models.FloatField(default=0, help_text='How much it changes what one believes; larger is more.')),
                ('edited', models.JSONField(default=list, help_text='Fields that a curator wrote and the data no longer touch.')),
                ('known_from', models.DateTimeField()),
                ('listed', models.BooleanField(default=True)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='insights', to='tracker.indexrun')),
            ],
            options={
                'ordering': ('-found_on', '-weight', 'slug'),
                'indexes': [models.Index(fields=['-found_on'], name='insight_by_date')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('name', models.CharField(max_length=120, unique=True)),
                ('role', models.CharField(blank=True, default='', help_text='What they are known for, in a phrase.', max_length=160)),
                ('homepage', models.URLField(blank=True, default='', max_length=300)),
                ('lab', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='people', to='tracker.lab')),
            ],
            options={
                'verbose_name_plural': 'people',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='RunReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('report', models.JSONField()),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reports', to='tracker.indexrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'name'), name='one_report_per_run_and_name')],
            },
        ),
        migrations.CreateModel(
            name='Scenario',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('title', models.CharField(max_length=160)),
                ('summary', models.TextField()),
                ('definition', models.JSONField(help_text='As its file in tracker/catalog/scenarios declares it.')),
                ('listed', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ('slug',),
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.TextField(help_text="The source's own name of the row.")),
                ('digest', models.CharField(help_text='Of the content: equal digests, equal facts.', max_length=32)),
                ('name', models.TextField(help_text='What the source calls the model.')),
                ('url', models.TextField(blank=True, default='', help_text="The row's own evidence.")),
                ('known_from', models.DateTimeField()),
                ('known_to', models.DateTimeField(blank=True, null=True)),
                ('topic', models.CharField(max_length=40)),
                ('summary', models.TextField()),
                ('quote', models.TextField(blank=True, default='')),
                ('venue', models.TextField(blank=True, default='')),
                ('said_on', models.DateField()),
                ('precision', models.CharField(choices=[('day', 'day'), ('month', 'month'), ('year', 'year')], default='day', max_length=5)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracker.endpoint')),
                ('first_snapshot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracker.snapshot')),
                ('lab', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='tracker.lab')),
                ('last_snapshot', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tracker.snapshot')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='tracker.person')),
                ('superseded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='tracker.statement')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['endpoint', 'key'], name='statement_row'), models.Index(fields=['-said_on'], name='statement_by_date')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('known_to', None)), fields=('endpoint', 'key'), name='one_current_statement_per_row'), models.CheckConstraint(condition=models.Q(('known_to', None), ('known_to__gte', models.F('known_from')), _connector='OR'), name='statement_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(('superseded_by', None), ('known_to__isnull', False), _connector='OR'), name='statement_superseded_is_closed'), models.CheckConstraint(condition=models.Q(models.Q(('known_to', None), ('last_snapshot', None)), models.Q(('known_to__isnull', False), ('last_snapshot__isnull', False)), _connector='OR'), name='statement_closed_with_its_last_snapshot')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='alias',
            name='alias_names_what_its_kind_says',
        ),
        migrations.AddField(
            model_name='benchmark',
            name='contamination',
            field=models.JSONField(blank=True, default=list, help_text='What is known of leaked questions: text, url and date of each finding.'),
        ),
        migrations.AddField(
            model_name='event',
            name='about',
            field=models.TextField(blank=True, default='', help_text='Key of the event that this one keeps or breaks.'),
        ),
        migrations.AddField(
            model_name='event',
            name='detail',
            field=models.TextField(blank=True, default='', help_text='A sentence of our own.'),
        ),
        migrations.AlterField(
            model_name='alias',
            name='kind',
            field=models.CharField(choices=[('lab', 'Lab'), ('model', 'Model'), ('benchmark', 'Benchmark'), ('licence', 'Licence'), ('person', 'Person')], max_length=10),
        ),
        migrations.AlterField(
            model_name='unresolved',
            name='kind',
            field=models.CharField(choices=[('lab', 'Lab'), ('model', 'Model'), ('benchmark', 'Benchmark'), ('licence', 'Licence'), ('person', 'Person')], max_length=10),
        ),
        migrations.AddField(
            model_name='alias',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='aliases', to='tracker.person'),
        ),
        migrations.AddConstraint(
            model_name='alias',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('benchmark', None), ('kind', 'lab'), ('lab__isnull', False), ('licence', None), ('model', None), ('person', None)), models.Q(('benchmark', None), ('kind', 'model'), ('lab', None), ('licence', None), ('model__isnull', False), ('person', None)), models.Q(('benchmark__isnull', False), ('kind', 'benchmark'), ('lab', None), ('licence', None), ('model', None), ('person', None)), models.Q(('benchmark', None), ('kind', 'licence'), ('lab', None), ('licence__isnull', False), ('model', None), ('person', None)), models.Q(('benchmark', None), ('kind', 'person'), ('lab', None), ('licence', None), ('model', None), ('person__isnull', False)), _connector='OR'), name='alias_names_what_its_kind_says'),
        ),
    ]

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0012_search'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DomainPace',
            fields=[
                ('domain', models.CharField(max_length=253, primary_key=True, serialize=False)),
                ('next_at', models.DateTimeField()),
                ('refused', models.PositiveIntegerField(default=0, help_text='Times in a row that the server asked to be left alone.')),
            ],
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(help_text='HMAC-SHA256 of the address, in lower case.', max_length=64, unique=True)),
                ('why', models.CharField(choices=[('complained', 'called a letter spam'), ('bounced', 'does not exist')], max_length=10)),
                ('since', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Attempts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='What was done, and a keyed hash of who did it.', max_length=80)),
                ('window', models.DateTimeField(help_text='Where the window begins.')),
                ('count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(fields=['window'], name='attempts_by_window')],
                'constraints': [models.UniqueConstraint(fields=('key', 'window'), name='one_count_per_key_and_window')],
            },
        ),
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.CharField(help_text='The ISO week that it is about: 2026-W47.', max_length=8, unique=True)),
                ('state', models.CharField(choices=[('draft', 'being edited'), ('built', 'frozen, waits for approval or its hour'), ('approved', 'goes out'), ('sent', 'sent'), ('withheld', 'not to be sent')], default='draft', max_length=8)),
                ('since', models.DateTimeField(help_text="Where the week begins, in the digest's zone,")),
                ('until', models.DateTimeField(help_text='and ends: what was known then is what the issue says.')),
                ('content', models.JSONField(blank=True, help_text='domain.notable.Content as JSON; null: not built.', null=True)),
                ('note', models.TextField(blank=True, default='', help_text="The editor's, above everything else.")),
                ('dropped', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, help_text='Items left out, by id.', size=None)),
                ('order', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, help_text='Ids that come first.', size=None)),
                ('built_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('addressed_at', models.DateTimeField(blank=True, help_text="When every reader had a letter's row.", null=True)),
                ('sent_at', models.DateTimeField(blank=True, help_text='When no letter was left to send.', null=True)),
                ('approved_by', models.ForeignKey(blank=True, help_text='Blank: its hour.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='issues', to='tracker.indexrun')),
            ],
            options={
                'ordering': ('-week',),
                'constraints': [models.CheckConstraint(condition=models.Q(('week__regex', '^\\d{4}-W\\d{2}$')), name='issue_week_is_an_iso_week'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('since'))), name='issue_ends_after_it_begins'), models.CheckConstraint(condition=models.Q(models.Q(('built_at', None), ('content', None), ('state', 'draft')), ('state', 'withheld'), models.Q(('built_at__isnull', False), ('content__isnull', False), ('state__in', ('built', 'approved', 'sent'))), _connector='OR'), name='issue_frozen_once_built'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('approved', 'sent')), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='issue_approved_before_sent')],
            },
        ),
        migrations.CreateModel(
            name='IssueImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.SlugField(max_length=60)),
                ('png', models.BinaryField()),
                ('width', models.PositiveSmallIntegerField(help_text='As shown; the picture holds twice as many pixels.')),
                ('height', models.PositiveSmallIntegerField()),
                ('alt', models.TextField()),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='images', to='tracker.issue')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('issue', 'name'), name='one_image_per_issue_and_name')],
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('lease_by', models.CharField(blank=True, default='', max_length=64)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(blank=True, help_text='No attempt before this time.', null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('email', models.EmailField(max_length=254)),
                ('nonce', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('state', models.CharField(choices=[('asked', 'asked, not confirmed'), ('active', 'reads'), ('left', 'unsubscribed'), ('bounced', 'address does not work'), ('complained', 'called it spam')], default='asked', max_length=10)),
                ('pace', models.CharField(choices=[('weekly', 'every week'), ('flips', 'only when something flips')], default='weekly', max_length=6)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=16), blank=True, default=list, help_text='Blank: every topic.', size=None)),
                ('labs', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, help_text='Slugs. Blank: every lab.', size=None)),
                ('text_only', models.BooleanField(default=False)),
                ('paused_until', models.DateField(blank=True, null=True)),
                ('asked_at', models.DateTimeField()),
                ('confirm_wanted_at', models.DateTimeField(blank=True, help_text='When a confirmation was last asked for.', null=True)),
                ('confirm_sent_at', models.DateTimeField(blank=True, null=True)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('soft_bounces', models.PositiveSmallIntegerField(default=0, help_text='Since the last letter that came through.')),
                ('soft_since', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('pk',),
                'indexes': [models.Index(condition=models.Q(('state', 'active')), fields=['id'], name='subscriber_active'), models.Index(condition=models.Q(('confirm_wanted_at__isnull', False), models.Q(('confirm_sent_at', None), ('confirm_sent_at__lt', models.F('confirm_wanted_at')), _connector='OR')), fields=['confirm_wanted_at'], name='subscriber_to_confirm')],
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_subscriber_per_address'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), _negated=True), models.Q(('confirmed_at__isnull', False), ('ended_at', None)), _connector='OR'), name='subscriber_active_iff_confirmed'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ('asked', 'active'))), models.Q(('ended_at__isnull', False), ('state__in', ('left', 'bounced', 'complained'))), _connector='OR'), name='subscriber_ended_iff_gone')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('lease_by', models.CharField(blank=True, default='', max_length=64)),
                ('attempts', models.PositiveIntegerField(default=0)),
                ('not_before', models.DateTimeField(blank=True, help_text='No attempt before this time.', null=True)),
                ('last_error', models.TextField(blank=True, default='')),
                ('message_id', models.CharField(help_text='The same at every attempt.', max_length=120, unique=True)),
                ('domain', models.CharField(help_text='Of the address, for the pacing.', max_length=253)),
                ('state', models.CharField(choices=[('waiting', 'to be sent'), ('sending', 'being handed over'), ('sent', 'accepted'), ('ambiguous', 'handed over or not: nobody knows'), ('dead', 'given up'), ('dropped', 'not wanted any more')], default='waiting', max_length=9)),
                ('receipt', models.CharField(blank=True, default='', help_text='What the server answered.', max_length=200)),
                ('created_at', models.DateTimeField()),
                ('handed_at', models.DateTimeField(blank=True, help_text='When the last attempt to hand it over began.', null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='tracker.issue')),
                ('subscriber', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='letters', to='tracker.subscriber')),
            ],
            options={
                'ordering': ('pk',),
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['domain', 'id'], name='letter_waiting'), models.Index(fields=['issue', 'state'], name='letter_by_state'), models.Index(condition=models.Q(('state', 'sending')), fields=['handed_at'], name='letter_sending')],
                'constraints': [models.UniqueConstraint(fields=('issue', 'subscriber'), name='one_letter_per_issue_and_subscriber'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at', None), ('state__in', ('waiting', 'sending', 'ambiguous'))), models.Q(('settled_at__isnull', False), ('state__in', ('sent', 'dead', 'dropped'))), _connector='OR'), name='letter_settled_iff_at_an_end')],
            },
        ),
        migrations.CreateModel(
            name='MailEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provider', models.CharField(max_length=40)),
                ('event_id', models.CharField(help_text="The provider's own, or a hash of what it told.", max_length=200)),
                ('kind', models.CharField(choices=[('delivered', 'delivered'), ('soft', 'put off'), ('hard', 'refused for good'), ('complaint', 'called spam'), ('left', 'unsubscribed at the provider'), ('other', 'something else')], max_length=9)),
                ('at', models.DateTimeField()),
                ('detail', models.TextField(blank=True, default='')),
                ('letter', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='tracker.letter')),
                ('subscriber', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mail_events', to='tracker.subscriber')),
            ],
            options={
                'ordering': ('-at', '-pk'),
                'constraints': [models.UniqueConstraint(fields=('provider', 'event_id'), name='one_row_per_mail_event')],
            },
        ),
        migrations.AlterField(
            model_name='decision',
            name='kind',
            field=models.CharField(choices=[('accept-suggestion', 'suggestion accepted'), ('explain-name', 'name explained'), ('create-model', 'model created'), ('split-setting', 'setting split off'), ('ignore-name', 'name ignored'), ('prefer-evidence', 'evidence chosen'), ('accept-document', 'document accepted'), ('reject-document', 'document rejected'), ('switch-source', 'source switched'), ('switch-benchmark', "benchmark's display switched"), ('acknowledge-alarm', 'alarm acknowledged'), ('read-licence', 'licence read'), ('adopt-release', 'proposed release adopted'), ('dismiss-release', 'proposed release dismissed'), ('write-insight', 'insight written'), ('edit-digest', 'digest edited'), ('approve-digest', 'digest approved'), ('withhold-digest', 'digest withheld'), ('settle-letter', 'letter settled'), ('undo', 'decision undone')], max_length=24),
        ),
    ]


from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tracker', '0023_draws_in_slices'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accountevent',
            name='kind',
            field=models.CharField(choices=[('logged-in', 'logged in'), ('logged-out', 'logged out'), ('refused', 'password refused'), ('factor-refused', 'second factor refused'), ('locked', 'locked for a while'), ('unlocked', 'failed tries forgiven'), ('proved', 'second factor shown again'), ('factor-added', 'second factor added'), ('factor-removed', 'second factor removed'), ('codes-made', 'recovery codes made'), ('code-used', 'recovery code used'), ('password-changed', 'password changed'), ('reset', 'second factors reset'), ('copied-key', 'a passkey looks copied')], max_length=20),
        ),
    ]

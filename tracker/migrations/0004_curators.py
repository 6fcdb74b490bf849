"""The group whose members may sit at the curator's desk: they see everything of the tracker's and may decide."""

from django.db import migrations

NAME = "curators"


def make(apps, schema_editor):
    """Permissions are otherwise made only after the last migration, so those that are missing are made here."""
    tracker = list(apps.get_app_config("tracker").get_models())
    types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    wanted = [("view", model) for model in tracker]
    wanted += [("add", model) for model in tracker if model._meta.model_name == "decision"]
    for verb, model in wanted:
        # A proxy has a content type and permissions of its own.
        kind, _ = types.get_or_create(app_label="tracker", model=model._meta.model_name)
        permission, _ = permissions.get_or_create(
            content_type=kind,
            codename=f"{verb}_{model._meta.model_name}",
            defaults={"name": f"Can {verb} {model._meta.verbose_name}"},
        )
        group.permissions.add(permission)


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name=NAME).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("tracker", "0003_finite_numbers"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make, remove)]

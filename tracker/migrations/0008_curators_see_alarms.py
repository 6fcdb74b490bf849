"""Tables came after the curators' group was made: its members may look at those as well."""

from django.db import migrations

NAME = "curators"
LATER = (
    "alarm",
    "documentshape",
    "licencechange",
    "licencereading",
    "opennessstate",
    "proposedrelease",
)


def allow(apps, schema_editor):
    """Permissions are otherwise made only after the last migration, so those that are missing are made here."""
    types = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=NAME)
    for model in LATER:
        kind, _ = types.get_or_create(app_label="tracker", model=model)
        words = apps.get_model("tracker", model)._meta.verbose_name
        permission, _ = permissions.get_or_create(
            content_type=kind, codename=f"view_{model}", defaults={"name": f"Can view {words}"}
        )
        group.permissions.add(permission)


def forbid(apps, schema_editor):
    permissions = apps.get_model("auth", "Permission").objects
    for group in apps.get_model("auth", "Group").objects.filter(name=NAME):
        names = [f"view_{model}" for model in LATER]
        found = permissions.filter(content_type__app_label="tracker", codename__in=names)
        group.permissions.remove(*found)


class Migration(migrations.Migration):

    dependencies = [
        ("tracker", "0007_openness"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(allow, forbid)]

def test_x(django_db_setup, django_db_blocker):
    from django.db import connection
    with django_db_blocker.unblock():
        print(connection.settings_dict["NAME"])
        with connection.cursor() as c:
            c.execute("select count(*) from pg_class where relname like 'tracker%'"); print(c.fetchall())
        cr=connection.creation
        print(cr.get_test_db_clone_settings("exported")["NAME"])
        cr.clone_test_db(suffix="exported", verbosity=2, autoclobber=True)
        from tests.pages.databases import connected_to
        with connected_to(cr.get_test_db_clone_settings("exported")["NAME"]):
            with connection.cursor() as c:
                c.execute("select current_database(), count(*) from pg_class where relname like 'tracker%'"); print(c.fetchall())
        cr.destroy_test_db(suffix="exported", verbosity=0)

"""The addresses of the way in. They stand before the admin's own, whose login and logout they take the place of."""

from django.urls import path

from tracker.accounts import views

urlpatterns = [
    path("login/", views.log_in),
    path("logout/", views.log_out),
    path("password_change/", views.change_password),
    path("second-factor/", views.show_factor, name="second-factor"),
    path("second-factor/enrol/", views.enrol, name="second-factor-enrol"),
    path("second-factor/mine/", views.mine, name="second-factors"),
]

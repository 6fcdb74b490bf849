"""The Celery application; which queue a task goes to and how it is delivered is said in the settings."""

import os

from celery import Celery

# The fits multiply many small matrices: BLAS threads of several workers on the same cores only get in each other's
# way. They are read when NumPy is first imported, which must not have happened yet.
for name in (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
):
    os.environ[name] = "1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "landscape.settings")

app = Celery("landscape")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

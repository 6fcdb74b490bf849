"""The small installation of the pipeline's tests, for what the checking program is shown."""

from tests.pipeline.conftest import installed, root

__all__ = ["installed", "root"]

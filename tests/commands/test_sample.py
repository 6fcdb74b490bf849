"""`sample`: refuses without data and without its optional library, naming what is missing."""

import importlib.util

import pytest
from django.core.management.base import CommandError

from tests.commands.conftest import Call


@pytest.mark.django_db
def test_without_benchmark_data_it_says_what_brings_them(call: Call) -> None:
    with pytest.raises(CommandError, match=r"`manage\.py load`"):
        call("sample")


@pytest.mark.skipif(importlib.util.find_spec("numpyro") is not None, reason="numpyro is installed here")
def test_without_the_sampler_it_says_how_to_get_it(world: None, call: Call) -> None:
    with pytest.raises(CommandError, match=r"is not installed: the sampler is an optional extra.*numpyro"):
        call("sample", "--draws", "2", "--warmup", "2")

"""Random grids of labels and lines of noise through readers and layouts: nothing raises, nothing is lost."""

from __future__ import annotations

import pytest
from fuzz.invariants import check_parts, check_text
from fuzz.material import pages, parts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fiscalkg.loader.readers.assemble import Part

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(parts())
def test_random_grids_are_read_without_loss(made: list[Part]) -> None:
    """Whatever cells and merges a grid has, each non-blank character of the source is in exactly one span."""
    check_parts(made)


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(st.one_of(pages(), st.text(max_size=200)))
def test_noise_of_labels_is_read_without_loss(text: str) -> None:
    """Whatever lines a text has, each non-blank character is in exactly one span."""
    check_text(text)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@settings(max_examples=20_000, deadline=None, suppress_health_check=SLOW)
@given(st.one_of(parts(), pages()))
def test_many_random_grids_and_texts(made: list[Part] | str) -> None:
    """The same, for long."""
    if isinstance(made, str):
        check_text(made)
    else:
        check_parts(made)

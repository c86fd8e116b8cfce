"""Bytes that reach new branches of the readers: atheris mutates them, hypothesis makes a document of them, the property
tests judge.

    python tests/fuzz/coverage_guided.py values|texts|grids [-max_total_time=60] [FOLDER]

Options with one dash are libFuzzer's; FOLDER keeps the inputs that reached something new. The first failure ends the
run with its traceback and exit code 77. Its input is kept twice: as ``crash-…`` in the working folder, to be given
again in place of FOLDER, and in ``.hypothesis``, so that pytest on the same property shows it, made as small as can be.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))  # as pytest's own setting does

with atheris.instrument_imports(include=["fiscalkg"]):
    import test_values
    from fuzz import test_fuzz_layouts

PROPERTIES: dict[str, Callable[..., None]] = {
    "values": test_values.test_any_string_is_kept_and_comes_back,
    "texts": test_fuzz_layouts.test_noise_of_labels_is_read_without_loss,
    "grids": test_fuzz_layouts.test_random_grids_are_read_without_loss,
}


def main(arguments: list[str]) -> None:
    """Fuzz one property until libFuzzer's limits; exits with its code, not 0 when something failed."""
    if len(arguments) < 2 or arguments[1] not in PROPERTIES:
        sys.exit(f"name what to fuzz: {', '.join(PROPERTIES)} (then libFuzzer's options, such as -max_total_time=60)")
    tested = PROPERTIES[arguments.pop(1)]
    fuzz_one_input = tested.hypothesis.fuzz_one_input  # type: ignore[attr-defined]  # set by its decorator
    atheris.Setup([*arguments, "-rss_limit_mb=2048"], fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv)

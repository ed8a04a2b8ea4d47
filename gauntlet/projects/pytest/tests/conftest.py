import pathlib

import pytest


@pytest.fixture
def lines():
    return [("rope", 250, 3), ("bell", 99, 1)]


@pytest.fixture
def golden():
    folder = pathlib.Path(__file__).parent / "golden"
    return lambda name: (folder / name).read_text(encoding="utf-8")

"""What several tests share."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tools"))  # developer tools are tested too, and no part of the package


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def data(root: Path) -> Path:
    """The corpus that the shipped model is trained on."""
    return root / "data"

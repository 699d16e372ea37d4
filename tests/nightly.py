"""What takes long and proves a variant of what is proven anyway: `make nightly` plays it, and UPLAB_NIGHTLY=1."""

import os

import pytest

__all__ = ["nightly"]

nightly = pytest.mark.skipif(os.environ.get("UPLAB_NIGHTLY") != "1", reason="a long variant: UPLAB_NIGHTLY=1 plays it")

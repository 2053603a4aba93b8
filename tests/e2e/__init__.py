"""Tests against real containers."""

import pytest

pytest.register_assert_rewrite("tests.e2e.sharded")  # what it asserts of a cluster is told when it is not so

import pytest

pytest.register_assert_rewrite("tests.equation.clients", "tests.equation.site")

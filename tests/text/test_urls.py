"""Addresses are read as browsers read them, and only web addresses pass."""

import pytest

from api.text.urls import LONGEST, web_address


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("http://example.org", "http://example.org/"),
        ("  HTTP://EXAMPLE.org:80/a  ", "http://example.org/a"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("http:\\\\example.org\\a", "http://example.org/a"),
        ("ht\ntp://example.org/", "http://example.org/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
    ],
)
def test_an_address_gets_the_form_a_browser_would_go_to(given: str, normal: str) -> None:
    assert web_address(given) == normal
    assert web_address(normal) == normal


@pytest.mark.parametrize(
    "given",
    [
        "",
        "example.org",
        "//example.org",
        "/path",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://",
        "http://[::1",
        "http://exa mple.org/",
        "http://user@example.org/",
        "http://user:secret@example.org/",
        "http://example.org/" + "a" * LONGEST,
        "http://example.org/" + "ü" * (LONGEST // 3),
    ],
)
def test_anything_else_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        web_address(given)

"""Web addresses, read as browsers read them (WHATWG URL). Nothing here ever opens one."""

from ada_url import URL

LONGEST = 2048


def web_address(text: str) -> str:
    """The address a browser would go to for `text`, in its normal form.

    >>> web_address("HTTPS://Example.org:443/a/../b?q=ü")
    'https://example.org/b?q=%C3%BC'

    Raises:
        ValueError: not http or https, a user name or password inside, no address, or too long.
    """
    try:
        url = URL(text)
    except ValueError:
        raise ValueError("Expected an absolute web address.") from None
    if url.protocol not in ("http:", "https:"):
        raise ValueError("Expected an address that begins with http:// or https://.")
    if url.username or url.password:
        raise ValueError("Expected an address without user name and password.")
    href: str = url.href
    if len(href) > LONGEST:
        raise ValueError(f"Expected an address of at most {LONGEST} characters, once encoded.")
    return href

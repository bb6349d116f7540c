"""Web addresses, read as browsers read them (WHATWG URL). Nothing here ever opens one."""

from ada_url import normalize_url

LONGEST = 2048


def web_address(text: str) -> str:
    """The address a browser would go to for `text`, in its normal form.

    >>> web_address("HTTPS://Example.org:443/a/../b?q=ü")
    'https://example.org/b?q=%C3%BC'

    Raises:
        ValueError: not http or https, a user name or password inside, no address, or too long.
    """
    try:
        address: str = normalize_url(text)
    except ValueError:
        raise ValueError("Expected an absolute web address.") from None
    scheme, _, rest = address.partition("://")
    if scheme not in ("http", "https"):
        raise ValueError("Expected an address that begins with http:// or https://.")
    if "@" in rest.partition("/")[0]:
        raise ValueError("Expected an address without user name and password.")
    if len(address) > LONGEST:
        raise ValueError(f"Expected an address of at most {LONGEST} characters, once encoded.")
    return address

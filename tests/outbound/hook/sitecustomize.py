"""Python runs this at its start in every process that has this folder on PYTHONPATH, servers included.

What is seen is what goes through Python's own sockets. libpq connects by itself; a namespace of the kernel's without a
way out shows that too (tests/campaigns/outbound.py).
"""

import ipaddress
import os
import sys
import traceback

ASKS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyname_ex", "socket.gethostbyaddr")
SENDS = ("socket.connect", "socket.sendto", "socket.sendmsg")
OWN_NAMES = (None, "", "localhost", "localhost.localdomain")


def refuse(event: str, args: tuple[object, ...]) -> None:
    if event in SENDS:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # else the path of a Unix socket
    elif event in ASKS:
        host = args[0]
    else:
        return
    if not here(host):
        where = "".join(traceback.format_stack(limit=12)[:-1])
        with open(os.environ["OUTBOUND_LOG"], "a") as log:
            log.write(f"process {os.getpid()}: {event} {host!r}\n{where}\n")
        raise PermissionError(f"the tests speak to this machine alone, not to {host!r}")


def here(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in OWN_NAMES:
        return True
    try:
        address = ipaddress.ip_address(str(name).partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


if "OUTBOUND_LOG" in os.environ:
    sys.addaudithook(refuse)

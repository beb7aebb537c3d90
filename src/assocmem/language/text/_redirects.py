"""Where a download may be led on to: over https to another server, never back into this machine or its own network.

A server that is asked for a book could otherwise send its reader to a page of the reader's own machine, or of a device
beside it, which answers to those inside. What a name stands for is not looked up: over https its certificate must
vouch for it.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

__all__ = ["is_mirror", "may_lead_on"]

LOCAL = ("http", "127.0.0.1")
"""Scheme and host of a mirror on this machine, which needs no https."""
INSIDE = ("localhost", "local", "internal", "home.arpa")
"""Ends of names that stand for this machine or its own network."""


def is_mirror(url: str) -> bool:
    """Whether books may be asked for there: over https, or on this machine.

    Parameters
    ----------
    url : str
        As the caller names it.

    Returns
    -------
    bool
        False for every other scheme, and without a host.
    """
    parts = urlsplit(url)
    return (parts.scheme == "https" and bool(parts.hostname)) or (parts.scheme, parts.hostname) == LOCAL


def may_lead_on(url: str, target: str) -> bool:
    """Whether a server may send its reader elsewhere.

    Parameters
    ----------
    url : str
        What was asked for.
    target : str
        Where its answer leads.

    Returns
    -------
    bool
        True for a target over https whose host is public, and from this machine for one on it.
    """
    try:
        here, there = urlsplit(url), urlsplit(target)
        host = (there.hostname or "").rstrip(".")
    except ValueError:
        return False
    if (there.scheme, there.hostname) == LOCAL:
        return (here.scheme, here.hostname) == LOCAL
    return there.scheme == "https" and bool(host) and not _is_inside(host)


def _is_inside(host: str) -> bool:
    """Whether a host is this machine or stands in its own network, by its address or by the end of its name."""
    address = _address(host)
    return not address.is_global if address else any(f".{host}".endswith(f".{end}") for end in INSIDE)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is, in any spelling that the system takes, as 127.1; None for a name."""
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        try:
            return ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, UnicodeEncodeError):
            return None
    return getattr(found, "ipv4_mapped", None) or found

"""Addresses of outside services, judged before anything is sent to them."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def checked_address(url: str) -> str:
    """``url`` itself if it is https, or http to this machine; a `ValueError` that does not repeat it otherwise.

    A user name, a password, a query or a fragment in the address is refused: they are where secrets hide.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError("an address such as https://host/path") from error
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address without a user name or password in it")
    if parts.query or parts.fragment:
        raise ValueError("an address without a query or fragment")
    if not host or port == 0 or any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError("an address such as https://host/path")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host)):
        return url
    raise ValueError("an https address (http is accepted only for this machine: localhost, 127.0.0.1, [::1])")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

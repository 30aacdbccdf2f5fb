"""From where files may be fetched, since the token goes along: the Cloud API itself and the listed
hosts, by https, at public addresses. Vendor's page: "Media".
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import httpx

HTTPS = 443


class OffLimits(Exception):
    """A place we do not go to; the message says why."""


def check(url: httpx.URL, graph: httpx.URL, hosts: Sequence[str]) -> None:
    """Raises `OffLimits` unless the token may be shown at this address."""
    if same_place(url, graph):
        return
    if url.scheme != "https" or (url.port or HTTPS) != HTTPS or url.userinfo:
        raise OffLimits("the file's address is not plain https")
    if not any(_covers(host, url.host) for host in hosts):
        raise OffLimits(f"the file lies on {url.host}, which is not among graph.media_hosts")


def same_place(url: httpx.URL, other: httpx.URL) -> bool:
    """Scheme, host and port alike."""
    return (url.scheme, url.host, url.port) == (other.scheme, other.host, other.port)


def _covers(listed: str, host: str) -> bool:
    """A listed name is that host alone; with a dot in front, every host below it."""
    return host.endswith(listed) if listed.startswith(".") else host == listed


async def public_address(host: str) -> str:
    """The address to connect to. Raises `OffLimits` if any the name stands for is not public, and
    `OSError` if it stands for none."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, HTTPS, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return only_public(str(address[0]) for *_, address in found)


def only_public(addresses: Iterable[str]) -> str:
    """The first of them, if all are public."""
    known = [ip_address(address.partition("%")[0]) for address in addresses]
    if not known or any(not each.is_global or each.is_multicast for each in known):
        raise OffLimits("the file's host stands for an address that is not public")
    return str(known[0])

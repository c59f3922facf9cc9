"""Whom we connect to: a name is resolved once, every address of it is checked, and the connection goes to one of those.

A name that a stranger gives may lead to hosts that only we can reach (the metadata service of a cloud, a router, a
database), at once or at the second time of asking. So nothing else in a visit resolves a name.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""The addresses of a host; an OSError where it has none."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# What the registries have given out so far; the rest is nobody's, or somebody's own.
_IPV6 = ipaddress.ip_network("2000::/3")
# Services of clouds on addresses that are formally the world's, and ranges that older Pythons take for the world's.
_NOT_THE_WORLDS = tuple(map(ipaddress.ip_network, ("168.63.129.16/32", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4")))


@dataclass(frozen=True)
class Network:
    resolve: Resolve
    is_allowed: Callable[[str], bool]
    target: Callable[[str, int], tuple[str, int]] = lambda address, port: (address, port)
    """Where a connection to an allowed address goes."""


def is_global(address: str) -> bool:
    """Whether everybody can reach the address, also if it wraps another one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo is not None else None)
        if wrapped is None and ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_global(str(wrapped))
        return ip in _IPV6 and ip.is_global
    return ip.is_global and not ip.is_multicast and not any(ip in some for some in _NOT_THE_WORLDS)


async def _by_the_system(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


OPEN_WEB = Network(_by_the_system, is_global)


def one_server(address: str, port: int) -> Network:
    """Every host is this server of our own machine: for a small web that is no part of the open one."""
    if not ipaddress.ip_address(address).is_loopback:
        raise ValueError(f"visits.connect_to: {address} is another machine; only a server on loopback may be asked")

    async def resolve(host: str, _: int) -> list[str]:
        return [address]

    return Network(resolve, lambda _: True, lambda _, __: (address, port))

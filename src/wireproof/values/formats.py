"""The well-known formats of protovalidate: how to write one, its edges, and what just misses it.

Each pattern describes some of the format, not all: it is what values are drawn from. What the
format really takes is judged by protovalidate, so an edge here is an offer, never a promise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """*pattern* draws valid strings; *valid* are its edges; *invalid* just miss it."""

    pattern: str
    valid: tuple[str, ...]
    invalid: tuple[str, ...]


_LABEL = "[a-z0-9]{1,9}"
_LONG_LABEL = "a" * 63
_BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_BYTE}(\.{_BYTE}){{3}}"
_GROUP = "[0-9a-f]{1,4}"
_BITS_4 = "(3[0-2]|[12]?[0-9])"
_BITS_6 = "(12[0-8]|1[01][0-9]|[1-9]?[0-9])"
_NET_4 = rf"0\.0\.0\.0/[0-9]|{_BYTE}(\.{_BYTE}){{2}}\.0/24"
_NET_6 = f"::/[0-9]|{_GROUP}::/[3-6][0-9]"
_IPV6 = f"({_GROUP}:){{7}}{_GROUP}|::{_GROUP}"
_HOST = rf"{_LABEL}(\.com|\.org|\.example|-a\.example)"
_EMAIL = f"[a-z0-9]+@(a|{_HOST})|[a-z0-9]+[._+-][a-z0-9]+@example\\.com"
_V4 = ("0.0.0.0", "127.0.0.1", "255.255.255.255")  # noqa: S104  # nothing is bound to
_V6 = ("::", "::1", "2001:db8::8:800:200c:417a", "::ffff:192.0.2.1", "fe80::1%eth0")
_NOT_V4 = ("256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "a", "1.2.3.4 ")
_NOT_V6 = (":::", "1:2:3:4:5:6:7:8:9", "12345::", "g::", "::1/64", "a")
_HOSTS = (
    "a",
    "localhost",
    "example.com",
    "A-1.example",
    f"{_LONG_LABEL}.example",
    "xn--bcher-kva.example",
)
_NOT_HOSTS = (
    "-a.example",
    "a-.example",
    "a..b",
    f"a{_LONG_LABEL}.example",
    "a_b.example",
    "a b",
    "ü.example",
)
_V4_NETS = ("0.0.0.0/0", "10.0.0.0/8", "192.0.2.1/32")
_V6_NETS = ("::/0", "2001:db8::/32", "::1/128")
_V4_LOOSE = ("192.0.2.1/24", "255.255.255.255/0")
_V6_LOOSE = ("2001:db8::1/32",)
_UUID = "123e4567-e89b-12d3-a456-426614174000"
_TUUID = _UUID.replace("-", "")
_URI_PATH = "(/[a-z0-9/]*)?"

FORMATS: Mapping[str, Format] = {
    "email": Format(
        f"^({_EMAIL})$",
        ("a@b", "a@example.com", "first.last+tag@sub.example.org", "!#$%&'*+/=?^_`{|}~@a", "A.B@C"),
        (
            "a",
            "@",
            "a@",
            "@b",
            "a@b@c",
            "a b@example.com",
            "a@-b.example",
            "a@b..c",
            "Name <a@b.c>",
            "a@b.c\n",
        ),
    ),
    "hostname": Format(f"^({_HOST}|{_LABEL})$", _HOSTS, (*_NOT_HOSTS, "a.1")),
    "ip": Format(
        f"^({_IPV4}|{_IPV6})$", _V4 + _V6, ("256.0.0.1", ":::", "1.2.3", "a", "1.2.3.4:80")
    ),
    "ipv4": Format(f"^{_IPV4}$", _V4, (*_NOT_V4, "::1")),
    "ipv6": Format(f"^({_IPV6})$", _V6, (*_NOT_V6, "127.0.0.1")),
    "uri": Format(
        f"^([a-z]:|https?://{_HOST}{_URI_PATH}|urn:[a-z]{{2,6}}:[a-z0-9]+)$",
        (
            "a:",
            "https://example.com",
            "ftp://u:p@[::1]:21/a%20b?q=1#f",
            "urn:isbn:0451450523",
            "mailto:a@b.c",
        ),
        (
            "a",
            "/a",
            "//example.com",
            "1a:",
            "https://exa mple.com",
            "https://a/%zz",
            ":",
            "http://[::1",
        ),
    ),
    "uri_ref": Format(
        f"^((https?://{_HOST})?{_URI_PATH}|[a-z0-9]*)$",
        ("", "/", "a", "./a", "?q=1", "#f", "//example.com/a", "https://example.com"),
        (" ", "\x00", "%", "a b", "%zz", "http://[::1", "\\", "1a:"),
    ),
    "address": Format(
        f"^({_HOST}|{_IPV4})$", _HOSTS + _V4 + _V6, ("-a.example", "a_b", "a b", ":::", "256.0.0.1")
    ),
    "uuid": Format(
        "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
        ("00000000-0000-0000-0000-000000000000", _UUID, _UUID.upper()),
        (
            _UUID[:-1],
            _UUID + "0",
            "g" + _UUID[1:],
            _TUUID,
            _UUID.replace("-", "_"),
            f"{{{_UUID}}}",
            "a",
        ),
    ),
    "tuuid": Format(
        "^[0-9a-f]{32}$",
        ("0" * 32, _TUUID, _TUUID.upper()),
        (_TUUID[:-1], _TUUID + "0", "g" + _TUUID[1:], _UUID, "a"),
    ),
    "ulid": Format(
        "^[0-7][0-9A-HJKMNP-TV-Z]{25}$",
        ("0" * 26, "7" + "Z" * 25, "01arz3ndektsv4rrffq69g5fav"),
        ("0" * 25, "0" * 27, "8" + "0" * 25, "0" * 25 + "I", "0" * 25 + "U", "a"),
    ),
    "ip_with_prefixlen": Format(
        f"^{_IPV4}/{_BITS_4}$",
        _V4_NETS + _V6_NETS + _V4_LOOSE + _V6_LOOSE,
        ("127.0.0.1", "127.0.0.1/33", "::1/129", "::1", "1.2.3.4/a", "1.2.3.4/01", "a"),
    ),
    "ipv4_with_prefixlen": Format(
        f"^{_IPV4}/{_BITS_4}$",
        _V4_NETS + _V4_LOOSE,
        ("127.0.0.1", "127.0.0.1/33", "127.0.0.1/-1", "::1/128", "1.2.3.4/01", "a"),
    ),
    "ipv6_with_prefixlen": Format(
        f"^(({_GROUP}:){{7}}{_GROUP}/{_BITS_6}|::/[0-9])$",
        _V6_NETS + _V6_LOOSE,
        ("::1", "::1/129", "::1/-1", "10.0.0.0/8", "::1/01", "a"),
    ),
    "ip_prefix": Format(
        f"^({_NET_4}|{_NET_6})$",
        _V4_NETS + _V6_NETS,
        (*_V4_LOOSE, *_V6_LOOSE, "127.0.0.1", "10.0.0.0/33", "::/129", "a"),
    ),
    "ipv4_prefix": Format(
        f"^({_NET_4})$", _V4_NETS, (*_V4_LOOSE, "10.0.0.0", "10.0.0.0/33", "::/0", "a")
    ),
    "ipv6_prefix": Format(
        f"^({_NET_6})$", _V6_NETS, (*_V6_LOOSE, "::", "::/129", "10.0.0.0/8", "a")
    ),
    "host_and_port": Format(
        f"^({_HOST}|{_IPV4}):([1-9][0-9]{{0,3}}|[1-5][0-9]{{4}})$",
        ("a:0", "localhost:1", "example.com:65535", "127.0.0.1:80", "[::1]:443"),
        ("a", "a:", ":80", "a:65536", "a:-1", "::1:80", "[::1]", "a:08", "a b:1"),
    ),
    "protobuf_fqn": Format(
        r"^[a-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*){0,3}$",
        ("a", "_", "acme.shop.v1.Order"),
        (".a", "a.", "a..b", "1a", "a-b", "a.1b", "a b"),
    ),
    "protobuf_dot_fqn": Format(
        r"^\.[a-z_][A-Za-z_0-9]*(\.[A-Za-z_][A-Za-z_0-9]*){0,3}$",
        (".a", "._", ".acme.shop.v1.Order"),
        ("a", "..a", ".a.", ".1a", ".a-b", "."),
    ),
    "header_name": Format(
        "^:?[a-z][0-9a-z-]*$",
        ("a", ":authority", "Content-Type", "X-!#$%&'*+.^_|~`"),
        (":", "a b", "a:b", "a\n", "é", "a(b)", "a\x00", "\n"),
    ),
    "header_value": Format(
        "^[ -~]*$",
        ("", "a", "text/html; charset=utf-8", "a\tb", "é", " "),
        ("\x00", "a\nb", "a\r", "\x7f", "\x01", "\n"),
    ),
}

_HEADERS = {1: "header_name", 2: "header_value"}
OCTETS: Mapping[str, tuple[int, ...]] = {
    "ip": (4, 16),
    "ipv4": (4,),
    "ipv6": (16,),
    "uuid": (16,),
}
"""The formats of bytes: the lengths that they take."""


def header_format(known_regex: int) -> str:
    """The format behind a `well_known_regex`; empty where it says nothing."""
    return _HEADERS.get(known_regex, "")

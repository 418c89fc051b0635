"""What bounds the server: rates, memory, and settings that make sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import payload
from app.limits import Buckets, client_of
from app.payload import Cache, Payload, accepts
from app.settings import BadSetting, Settings


def test_a_client_may_burst_and_then_waits_for_the_rate() -> None:
    buckets = Buckets(rate=2, burst=3)
    assert [buckets.take("a", 0.0) for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", 0.5) > 0


def test_one_client_does_not_use_up_what_another_has() -> None:
    buckets = Buckets(rate=1, burst=1)
    assert buckets.take("a", 0.0) == 0
    assert buckets.take("b", 0.0) == 0


def test_the_table_of_clients_does_not_grow_without_end() -> None:
    buckets = Buckets(rate=1, burst=1, most=10)
    for number in range(1000):
        buckets.take(str(number), 0.0)
    assert len(buckets.table) == 10


@pytest.mark.parametrize(
    ("host", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("somewhere", "somewhere"),
    ],
)
def test_a_client_is_an_address_or_an_ipv6_network(host: str, client: str) -> None:
    assert client_of({"type": "http", "client": (host, 5)}) == client


def payload_of(size: int) -> Payload:
    """A payload of `size` bytes."""
    return Payload(b"x" * size, zipped=False, etag="")


def test_the_cache_lets_go_of_what_was_not_used_for_longest() -> None:
    cache = Cache(25_000)
    cache.put("a", payload_of(9_000))
    cache.put("b", payload_of(9_000))
    assert cache.get("a")
    cache.put("c", payload_of(9_000))
    assert cache.get("b") is None
    assert cache.get("a") and cache.get("c")


def test_the_cache_stays_within_its_bytes_whatever_is_put_into_it() -> None:
    cache = Cache(50_000)
    for number in range(200):
        cache.put(str(number % 7), payload_of(number * 300))
        assert cache.size <= 50_000
    cache.put("huge", payload_of(60_000))
    assert cache.size == 0


def test_the_etag_of_the_same_content_is_the_same() -> None:
    assert payload.make({"a": 1}).etag == payload.make({"a": 1}).etag
    assert payload.make({"a": 1}).etag != payload.make({"a": 2}).etag


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("gzip", True),
        ("br, GZIP ; q=0.5", True),
        ("gzip;q=0", False),
        ("gzip; q = 0.0", False),
        ("x-gzip", False),
        ("", False),
    ],
)
def test_compression_is_used_only_where_it_is_accepted(header: str, accepted: bool) -> None:
    assert accepts(header, "gzip") is accepted


def test_settings_come_from_the_environment() -> None:
    env = {"FAULTWALK_RATE_LIMIT": "off", "FAULTWALK_RATE": "2.5", "FAULTWALK_STATIC": "elsewhere"}
    settings = Settings.from_env(env)
    assert (settings.rate_limit, settings.rate) == (False, 2.5)
    assert settings.static == Path("elsewhere")
    assert settings.burst == Settings().burst


@pytest.mark.parametrize(
    ("name", "text"), [("BURST", "many"), ("RATE", "0"), ("RATE", "nan"), ("RATE_LIMIT", "perhaps")]
)
def test_a_setting_that_makes_no_sense_is_named(name: str, text: str) -> None:
    with pytest.raises(BadSetting, match=f"FAULTWALK_{name}"):
        Settings.from_env({f"FAULTWALK_{name}": text})

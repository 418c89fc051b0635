"""The way to PostgreSQL: encrypted and checked as its URL says, and refused otherwise."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from postgres import Postgres, running_postgres
from programs import provided
from server import ROOT, running_server
from sqlalchemy import text

from app.store import Links, StoreAway, address_of

CONFIG = """[req]
distinguished_name = name
x509_extensions = made
prompt = no
[name]
CN = {host}
[made]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
subjectAltName = {kind}:{host}
"""


def certified(folder: Path, name: str, kind: str, host: str) -> tuple[Path, Path]:
    """A key, and a certificate that it signs itself, for one host."""
    program = provided(shutil.which("openssl"), "no openssl: install the package openssl")
    folder.joinpath(f"{name}.cnf").write_text(CONFIG.format(kind=kind, host=host))
    key, made = folder / f"{name}.key", folder / f"{name}.crt"
    command = [program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-config", f"{name}.cnf", "-keyout", key.name, "-out", made.name]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return key, made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where keys and certificates lie."""
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def encrypted(folder: Path) -> Iterator[Postgres]:
    """A PostgreSQL that takes TLS and also does without, with a certificate for 127.0.0.1."""
    pair = certified(folder, "right", "IP", "127.0.0.1")
    with running_postgres() as found:
        found.speak_tls(*pair)
        found.stop()
        found.start()
        yield found


def connected(url: str, **options: str | Path) -> bool:
    """Whether the store's connection is encrypted. Raises StoreAway."""
    query = "&".join(f"{name}={value}" for name, value in options.items())
    store = Links(address_of(f"{url}?{query}" if query else url, Path()), 10)
    asked = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    try:
        return bool(store.database.read(lambda c: c.execute(asked).scalar()))
    finally:
        store.database.close()


def test_a_mode_decides_whether_it_is_encrypted(encrypted: Postgres) -> None:
    found = {mode: connected(encrypted.url, sslmode=mode) for mode in ("disable", "require")}
    assert found == {"disable": False, "require": True}
    assert connected(encrypted.url), "prefer, where nothing is said"


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_a_certificate_of_ours_passes_and_another_does_not(
    encrypted: Postgres, folder: Path, mode: str
) -> None:
    assert connected(encrypted.url, sslmode=mode, sslrootcert=folder / "right.crt")
    _, other = certified(folder, "other", "IP", "127.0.0.1")
    with pytest.raises(StoreAway, match="certificate"):
        connected(encrypted.url, sslmode=mode, sslrootcert=other)


def test_the_system_knows_nothing_of_a_certificate_of_ours(encrypted: Postgres) -> None:
    with pytest.raises(StoreAway, match="certificate"):
        connected(encrypted.url, sslmode="verify-full")


def test_the_name_is_checked_by_verify_full_only(encrypted: Postgres, folder: Path) -> None:
    by_name = encrypted.url.replace("127.0.0.1", "localhost")
    roots = folder / "right.crt"
    assert connected(by_name, sslmode="verify-ca", sslrootcert=roots)
    with pytest.raises(StoreAway, match="localhost"):
        connected(by_name, sslmode="verify-full", sslrootcert=roots)


def test_what_must_be_encrypted_is_not_sent_in_the_clear(postgres: Postgres) -> None:
    assert not connected(postgres.url), "this one has no TLS"
    with pytest.raises(StoreAway, match="SSL"):
        connected(postgres.url, sslmode="require")


def test_other_options_reach_the_server(encrypted: Postgres) -> None:
    socket = encrypted.folder / f".s.PGSQL.{encrypted.port}"
    url = f"postgresql://faultwalk@/postgres?unix_sock={socket}&application_name=links-of-ours"
    store = Links(address_of(url, Path()), 10)
    named = store.database.read(lambda c: c.execute(text("SHOW application_name")).scalar())
    store.database.close()
    assert named == "links-of-ours"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sslmod=require", "sslmod"),
        ("sslmode=always", "always"),
        ("sslmode=", "sslmode has no value"),
        ("sslmode", "sslmode has no value"),
        ("sslmode=require&sslmode=disable", "sslmode is given more than once"),
        ("sslmode=verify-full&sslrootcert=nowhere.pem", "nowhere.pem"),
        ("sslmode=verify-full&sslrootcert=pyproject.toml", "pyproject.toml"),
        ("sslmode=verify-ca", "needs a file as sslrootcert"),
        ("sslmode=require&sslrootcert=system", "needs a file as sslrootcert"),
        ("sslrootcert=some.pem", "sslrootcert would be unused"),
        ("ssl_context=x", "ssl_context"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_by_name(query: str, said: str) -> None:
    url = f"postgresql://faultwalk:secret@127.0.0.1/name?{query}"
    with pytest.raises(ValueError, match=said) as refused:
        Links(address_of(url, Path()), 10)
    assert "secret" not in str(refused.value)


def test_the_server_does_not_start_with_one() -> None:
    url = "postgresql://faultwalk:secret@127.0.0.1/name?sslmod=require"
    env = {"FAULTWALK_LINKS_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "app", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=ROOT)
    assert done.returncode == 2
    assert "FAULTWALK_LINKS_URL" in done.stderr and "sslmod" in done.stderr
    assert "secret" not in done.stderr


def test_a_context_has_no_old_protocol() -> None:
    store = Links(address_of("postgresql://u@h/d?sslmode=require", Path()), 10)
    context = store.database.options["ssl_context"]
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_links_are_made_and_opened_over_tls(encrypted: Postgres, folder: Path) -> None:
    encrypted.empty()
    url = f"{encrypted.url}?sslmode=verify-full&sslrootcert={folder / 'right.crt'}"
    with (
        running_server(links_url=url, rate_limit="off", run_seconds="600") as address,
        httpx.Client(base_url=address, timeout=600) as client,
    ):
        made = client.post("/api/links", json={"gallery": "two-threads-one-page"})
        assert made.status_code == 201
        assert client.get(f"/api/links/{made.json()['id']}").status_code == 200
        assert client.get("/readyz").json()["checks"]["links"]

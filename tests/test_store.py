"""The store of links, in SQLite and in PostgreSQL: the same code, the same answers."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from postgres import Postgres
from sqlalchemy import inspect

import app.store.links
from app.store import Gone, Links, NotYours, TooMany, UnknownLink, address_of
from app.store.database import migrate
from app.store.dump import dump, load
from app.store.migrations import HEAD
from app.store.tables import metadata
from engine import gallery
from engine.link_id import link_name
from engine.share import canonical, content_of

GALLERY = [canonical(content_of(scenario)) for _, scenario in gallery()]
ONE, TWO = GALLERY[:2]
MINE, YOURS = "m" * 22, "y" * 22


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Links:
    """An empty store in one of the two."""
    if request.param == "sqlite":
        made = Links(address_of("", tmp_path), 1000)
    else:
        server: Postgres = request.getfixturevalue("postgres")
        server.empty()
        made = Links(address_of(server.url, tmp_path), 1000)
    request.addfinalizer(made.database.close)
    return made


def test_the_same_content_is_the_same_link(store: Links) -> None:
    first, again = store.create(ONE, 1, "One"), store.create(ONE, 1, "One")
    assert (first.new, again.new) == (True, False)
    assert first.id == again.id == link_name(ONE)[:10]
    assert first.token and again.token and first.token != again.token
    kept = store.get(first.id)
    assert (kept.content, kept.schema, kept.title) == (ONE, 1, "One")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", kept.created_day)


def test_a_request_may_be_repeated_with_a_token_of_ones_own(store: Links) -> None:
    made = [store.create(ONE, 1, "One", MINE) for _ in range(3)]
    assert {m.token for m in made} == {MINE}
    assert store.delete(made[0].id, MINE) == 0
    with pytest.raises(Gone):
        store.get(made[0].id)


def test_a_link_of_two_makers_goes_with_the_second(store: Links) -> None:
    id = store.create(ONE, 1, "One", MINE).id
    store.create(ONE, 1, "One", YOURS)
    assert store.delete(id, MINE) == 1
    assert store.get(id).content == ONE
    with pytest.raises(NotYours):
        store.delete(id, MINE)
    assert store.delete(id, YOURS) == 0
    with pytest.raises(Gone) as gone:
        store.get(id)
    assert gone.value.reason is None
    assert store.create(ONE, 1, "One", MINE).new
    assert store.get(id).content == ONE


def test_a_link_of_very_many_is_nobodys_to_delete(
    store: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.store.links, "MAKERS", 3)
    made = [store.create(ONE, 1, "One") for _ in range(6)]
    assert [m.token is None for m in made] == [False] * 3 + [True] * 3
    left = [store.delete(m.id, m.token) for m in made if m.token]
    assert left == [3, 2, 1]
    assert store.get(made[0].id).content == ONE


def test_an_unknown_link_is_unknown(store: Links) -> None:
    for ask in (store.get, lambda id: store.delete(id, MINE), lambda id: store.report(id, "x")):
        with pytest.raises(UnknownLink):
            ask("aaaaaaaaaa")
    with pytest.raises(UnknownLink):
        store.hide("aaaaaaaaaa", "x")


def test_a_hidden_link_is_gone_and_cannot_be_made_again(store: Links) -> None:
    id = store.create(ONE, 1, "One", MINE).id
    store.report(id, "not nice")
    store.hide(id, "it was not nice")
    for ask in (
        lambda: store.get(id),
        lambda: store.create(ONE, 1, "One"),
        lambda: store.report(id, "x"),
    ):
        with pytest.raises(Gone, match="it was not nice"):
            ask()
    store.hide(id, None)
    assert store.get(id).content == ONE


def test_there_is_a_most(store: Links) -> None:
    store.most = 2
    for content in GALLERY[:2]:
        store.create(content, 1, "")
    with pytest.raises(TooMany):
        store.create(GALLERY[2], 1, "")
    assert not store.create(ONE, 1, "").new


def test_another_content_with_the_same_beginning_gets_a_longer_id(
    store: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {ONE: "0" * 52, TWO: "0" * 51 + "1", GALLERY[2]: "0" * 11 + "1" * 41}
    monkeypatch.setattr(app.store.links, "link_name", names.__getitem__)
    assert [len(store.create(c, 1, "").id) for c in (ONE, TWO, GALLERY[2])] == [10, 11, 12]
    assert store.get("0" * 11).content == TWO
    assert store.create(TWO, 1, "").id == "0" * 11


def test_many_threads_make_one_row(store: Links) -> None:
    """The same content from many at once, and others between."""
    wanted = [GALLERY[n % 5] for n in range(100)]
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda content: store.create(content, 1, "x"), wanted))
    assert len({m.id for m in made}) == 5
    assert sum(m.new for m in made) == 5
    assert len(list(dump(store.database))) == 5


def test_no_address_is_kept() -> None:
    """The columns are these; whoever adds one reads this."""
    assert {t.name: [c.name for c in t.columns] for t in metadata.sorted_tables} == {
        "links": [
            "id",
            "full_hash",
            "schema",
            "content",
            "title",
            "created_day",
            "hidden",
            "reason",
        ],
        "delete_tokens": ["link_id", "token_hash"],
        "reports": ["number", "link_id", "day", "reason"],
    }


def test_tokens_are_kept_as_hashes(store: Links) -> None:
    store.create(ONE, 1, "One", MINE)
    assert MINE not in json.dumps(list(dump(store.database, whole=True)))


def test_a_dump_can_be_loaded_elsewhere(store: Links, tmp_path: Path) -> None:
    ids = [store.create(content, 1, "x", MINE).id for content in GALLERY[:6]]
    store.hide(ids[0], "hidden")
    store.delete(ids[1], MINE)
    lines = [json.dumps(line) for line in dump(store.database)]
    assert len(lines) == 4 and "token" not in "".join(lines)
    other = Links(address_of("", tmp_path / "other"), 1000)
    assert load(other.database, lines) == (4, 0, [])
    assert load(other.database, lines) == (0, 4, [])
    assert other.get(ids[2]).content == GALLERY[2]
    whole = [json.dumps(line) for line in dump(store.database, whole=True)]
    assert load(other.database, whole) == (2, 4, [])
    with pytest.raises(Gone, match="hidden"):
        other.get(ids[0])
    third = Links(address_of("", tmp_path / "third"), 1000)
    assert load(third.database, whole) == (6, 0, [])
    assert third.delete(ids[2], MINE) == 0
    assert next(dump(third.database)).keys() == {"id", "schema", "created_day", "content"}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "{}",
        '{"id": "aaaaaaaaaa", "schema": 1, "created_day": "2026-01-01", "content": {}}',
        json.dumps(
            {"id": "aaaaaaaaaa", "schema": 1, "created_day": "x", "content": json.loads(ONE)}
        ),
        json.dumps(
            {"id": "../x", "schema": 1, "created_day": "x", "content": None, "name": "../x"}
        ),
    ],
)
def test_a_dump_that_lies_is_refused(line: str, tmp_path: Path) -> None:
    other = Links(address_of("", tmp_path), 1000)
    new, known, wrong = load(other.database, [line])
    assert (new, known, len(wrong)) == (0, 0, 1)


def test_a_long_dump_is_read_in_parts(store: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.dump.TOGETHER", 3)
    ids = sorted(store.create(content, 1, "x").id for content in GALLERY[:10])
    assert [line["id"] for line in dump(store.database)] == ids


# --- the tables


def test_migrations_make_the_tables_that_the_code_uses(store: Links) -> None:
    store.create(ONE, 1, "")
    assert store.database.engine
    found = inspect(store.database.engine)
    for table in metadata.sorted_tables:
        columns = {
            c["name"]: (str(c["type"]), c["nullable"]) for c in found.get_columns(table.name)
        }
        dialect = store.database.engine.dialect
        wanted = {c.name: (c.type.compile(dialect), c.nullable) for c in table.columns}
        assert columns == wanted, table.name
        keys = found.get_pk_constraint(table.name)["constrained_columns"]
        assert keys == [c.name for c in table.primary_key.columns]
    assert found.get_unique_constraints("links")[0]["column_names"] == ["full_hash"]


def test_migrating_twice_changes_nothing(store: Links) -> None:
    id = store.create(ONE, 1, "").id
    assert store.database.engine
    migrate(store.database.engine)
    assert store.get(id).content == ONE


def test_many_may_begin_at_once(store: Links) -> None:
    others = [Links(store.database.address, 1000) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert len(list(pool.map(lambda o: o.create(ONE, 1, "").id, others))) == 6
    for other in others:
        other.database.close()


def test_the_newest_version_is_the_one_that_is_named() -> None:
    config = Config()
    folder = Path(app.store.links.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


@pytest.mark.parametrize("url", ["nonsense", "mysql://a@b/c", "sqlite+aiosqlite://", "oracle://x"])
def test_a_url_that_cannot_be_used_is_told(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="it"):
        address_of(url, tmp_path)

"""The tables that the example API and its provisioner share, in SQLite."""

import hashlib
import secrets
import sqlite3
import string
from contextlib import contextmanager
from datetime import datetime, timezone

SCHEMA = """
CREATE TABLE IF NOT EXISTS members (organization TEXT, user TEXT, PRIMARY KEY (organization, user));
CREATE TABLE IF NOT EXISTS keys    (digest TEXT PRIMARY KEY, user TEXT, revoked INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS tracks  (id TEXT PRIMARY KEY, organization TEXT, creator TEXT, title TEXT, engine TEXT, mode TEXT,
                                    created_at TEXT, deleted_at TEXT);
CREATE TABLE IF NOT EXISTS saves   (position INTEGER PRIMARY KEY AUTOINCREMENT, track TEXT, user TEXT, UNIQUE (track, user));
CREATE TABLE IF NOT EXISTS events  (position INTEGER PRIMARY KEY AUTOINCREMENT, organization TEXT, track TEXT, type TEXT, at TEXT,
                                    actor TEXT, amount TEXT, currency TEXT);
CREATE INDEX IF NOT EXISTS saves_of_user ON saves (user, position);
CREATE INDEX IF NOT EXISTS events_of_track ON events (track, position);
"""


def connect(path):
    """Open the database. Each thread needs its own connection."""
    db = sqlite3.connect(path, timeout=10, isolation_level=None)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA synchronous = OFF")  # good enough for an example: a power cut may lose data
    return db


@contextmanager
def transaction(db):
    """All or nothing, with no other writer in between."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def create(path):
    """Create the tables that do not exist yet."""
    db = connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(SCHEMA)
    db.close()


def now():
    """The current time in UTC, as the API writes it."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def new_id(prefix):
    """An id that was never used before."""
    letters = string.ascii_lowercase + string.digits
    return prefix + "".join(secrets.choice(letters) for _ in range(20))


def digest(key):
    """Keys are stored as digests."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()

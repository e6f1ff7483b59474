"""A small implementation of the music track API on SQLite. It needs nothing but Python's standard library.

    python3 music.py --database music.db --port 8080
"""

import argparse
import json
import re
import secrets
import sqlite3
import sys
import traceback
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote_to_bytes

import store

ERRORS = {  # status: code, type
    400: ("BAD_REQUEST", "client_error"),
    401: ("AUTHENTICATION_REQUIRED", "authentication_error"),
    403: ("INSUFFICIENT_PERMISSIONS", "authorization_error"),
    404: ("RESOURCE_NOT_FOUND", "client_error"),
    405: ("METHOD_NOT_ALLOWED", "client_error"),
    422: ("VALIDATION_ERROR", "client_error"),
    500: ("INTERNAL_ERROR", "server_error"),
    503: ("SERVICE_UNAVAILABLE", "server_error"),
}


class Refused(Exception):
    """A request that gets an error response."""

    def __init__(self, status, message, headers=None, **details):
        super().__init__(message)
        self.status, self.message, self.headers, self.details = status, message, headers or {}, details


class Music:
    """The four operations, over one connection to the database."""

    def __init__(self, db):
        self.db = db

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()

    def user_of(self, key):
        found = self.one("SELECT user FROM keys WHERE digest = ? AND NOT revoked", store.digest(key)) if key else None
        if not found:
            raise Refused(401, "Authentication required. Please provide a valid API key.", {"WWW-Authenticate": "Bearer"})
        return found["user"]

    def enter(self, user, organization, **details):
        """To users who are not members, an organization does not exist."""
        if not self.one("SELECT 1 FROM members WHERE organization = ? AND user = ?", organization, user):
            raise Refused(404, "The requested resource could not be found.", **details)

    def find(self, user, organization, track):
        """Find a track that is not deleted and that the user created or saved."""
        self.enter(user, organization, track_id=track)
        found = self.one(
            """SELECT * FROM tracks t WHERE id = ? AND organization = ? AND deleted_at IS NULL
               AND (creator = ? OR EXISTS (SELECT 1 FROM saves WHERE track = t.id AND user = ?))""",
            track, organization, user, user)
        if not found:
            raise Refused(404, "The requested resource could not be found.", track_id=track)
        return found

    def delete_track(self, user, organization, track):
        with store.transaction(self.db):  # check and delete in one step
            if self.find(user, organization, track)["creator"] != user:
                raise Refused(403, "Only the track's creator may delete it.", track_id=track)
            at = store.now()
            self.db.execute("UPDATE tracks SET deleted_at = ? WHERE id = ?", (at, track))
            self.db.execute("INSERT INTO events (organization, track, type, at, actor) VALUES (?, ?, 'track.deleted', ?, ?)",
                            (organization, track, at, user))
        return {"success": True, "id": track, "detail": "Track deleted."}

    def unsave_track(self, user, organization, track):
        with store.transaction(self.db):
            self.find(user, organization, track)
            self.db.execute("DELETE FROM saves WHERE track = ? AND user = ?", (track, user))
        return {"success": True, "id": track, "detail": "Track removed from the library."}

    def get_track(self, user, organization, track):
        url = f"https://media.example.com/{track}/mix?signature={secrets.token_hex(8)}"
        return {**facts(self.find(user, organization, track)), "playback_url": url}

    def list_tracks(self, user, organization, query):
        self.enter(user, organization)
        limit = number(query, "limit", 50, 1, 100)
        offset = number(query, "offset", 0, 0, 1_000_000_000)
        if query.get("mode", "creation") not in ("creation", "focus"):
            raise Refused(422, "mode must be creation or focus", parameter="mode")
        if "collection_id" in query:  # this example has no collections, so none contains a track
            return {"items": [], "limit": limit, "offset": offset}
        rows = self.db.execute(
            """SELECT t.* FROM saves s JOIN tracks t ON t.id = s.track
               WHERE s.user = ? AND t.organization = ? AND t.deleted_at IS NULL
               AND (? IS NULL OR t.mode = ?) AND (? IS NULL OR t.engine = ?) ORDER BY s.position DESC LIMIT ? OFFSET ?""",
            (user, organization, query.get("mode"), query.get("mode"), query.get("engine"), query.get("engine"), limit, offset))
        items = [{**facts(row), "playback_url": None, "stem_urls": None} for row in rows]
        return {"items": items, "limit": limit, "offset": offset}


def facts(row):
    return {"id": row["id"], "title": row["title"], "engine": row["engine"], "mode": row["mode"], "measured_duration_seconds": None,
            "instrumental": False, "licence_class": "unclear", "created_at": row["created_at"]}


def number(query, name, default, least, greatest):
    text = query.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= greatest:
        raise Refused(422, f"{name} must be a whole number from {least} to {greatest}", parameter=name)
    return int(text)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60  # seconds that a connection may be idle
    wbufsize = -1  # send head and body together; apart, the body waits for the client's delayed acknowledgement
    database = ""

    def __getattr__(self, name):
        if name.startswith("do_"):  # one function handles every method
            return self.answer
        raise AttributeError(name)

    def answer(self):
        trace = "req_" + secrets.token_hex(10)
        try:
            self.drain()
            with closing(store.connect(self.database)) as db:
                status, value, headers = 200, self.route(Music(db)), {}
        except Refused as refused:
            status, value, headers = refused.status, envelope(refused, trace), refused.headers
        except sqlite3.OperationalError:  # the database did not respond in time
            traceback.print_exc()
            status, headers = 503, {"Retry-After": "1"}
            value = envelope(Refused(503, "The service is temporarily unavailable."), trace)
        except OSError:  # the client went away
            raise
        except Exception:  # the reason goes to the log, not to the client
            traceback.print_exc()
            status, value, headers = 500, envelope(Refused(500, "An unexpected error occurred."), trace), {}
        self.write(status, value, {**headers, "X-Request-Id": trace})

    def route(self, music):
        path, _, query = self.path.partition("?")
        parts = path.split("/")  # "", "v1", "music", organization, "tracks", track, "save"
        user = music.user_of(self.key())
        ids = [text(part) for part in parts]
        known = parts[:3] == ["", "v1", "music"] and parts[4:5] == ["tracks"] and not {None, "", ".", ".."} & set(ids[1:])
        operations = {}
        if known and len(parts) == 5:
            operations = {"GET": lambda: music.list_tracks(user, ids[3], parse(query))}
        elif known and len(parts) == 6:
            operations = {"GET": lambda: music.get_track(user, ids[3], ids[5]), "DELETE": lambda: music.delete_track(user, ids[3], ids[5])}
        elif known and len(parts) == 7 and parts[6] == "save":
            operations = {"DELETE": lambda: music.unsave_track(user, ids[3], ids[5])}
        if not operations:
            raise Refused(404, "The requested resource could not be found.")
        if self.command not in operations:
            raise Refused(405, "The method is not allowed here.", {"Allow": ", ".join(operations)})
        return operations[self.command]()

    def key(self):
        """If both headers are sent, X-API-Key counts, even if it is empty."""
        if "X-API-Key" in self.headers:
            return wire(self.headers["X-API-Key"])
        scheme, _, key = wire(self.headers.get("Authorization", "")).partition(" ")
        return key.strip(" ") if scheme.lower() == "bearer" else ""

    def drain(self):
        """Read the body and ignore it, so that the next request on the connection begins where it should."""
        try:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                while size := int(self.rfile.readline(1024).split(b";")[0], 16):
                    self.skip(size + 2)
                while self.rfile.readline(65537) not in (b"\r\n", b"\n", b""):
                    pass
            else:
                self.skip(int(self.headers.get("Content-Length", 0)))
        except ValueError:
            self.close_connection = True  # it is unknown where the next request begins
            raise Refused(400, "The length of the body cannot be read.", {"Connection": "close"}) from None

    def skip(self, left):
        while left > 0 and (chunk := self.rfile.read(min(left, 65536))):
            left -= len(chunk)

    def write(self, status, value, headers):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, content in {"Content-Type": "application/json", "Content-Length": len(body), **headers}.items():
            self.send_header(name, content)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def envelope(refused, trace):
    code, kind = ERRORS[refused.status]
    return {"success": False, "error": {
        "code": code, "message": refused.message, "system_message": refused.message, "type": kind, "status": refused.status,
        "details": refused.details, "trace_id": trace, "timestamp": store.now()}}


def wire(value):
    """A header field as UTF-8; http.server decodes it as Latin-1."""
    return value.strip(" \t").encode("latin-1").decode("utf-8", "surrogateescape")


def text(segment):
    """Decode a path segment; None if it cannot be an id."""
    raw = unquote_to_bytes(segment)
    if len(raw) > 2048 or b"\0" in raw or b"/" in raw:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None


def parse(query):
    values = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in values and name in ("limit", "offset", "mode", "engine", "collection_id"):
            raise Refused(422, f"{name} is given twice", parameter=name)
        values[name] = value
    return values


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, address):
        if not isinstance(sys.exc_info()[1], OSError):  # a client may disconnect at any time
            super().handle_error(request, address)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    parser.add_argument("--port", type=int, default=8080)
    arguments = parser.parse_args()
    store.create(arguments.database)
    Handler.database = arguments.database
    server = Server(("127.0.0.1", arguments.port), Handler)
    print(f"the API listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()

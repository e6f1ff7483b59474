"""A provisioner for an implementation on SQLite: it writes scenes into the tables.

It speaks the exec transport: each request starts a process and arrives on standard input. provision_http.py serves the
same over HTTP.

    --provision-exec "python3 provisioner.py --database music.db"
"""

import argparse
import json
import sys
from contextlib import closing

import store

CAPABILITIES = {"protocol": 1, "features": [
    "history", "histories", "revoked_keys", "extra_keys", "created_at", "saves", "revoke_key", "end_membership"]}


class Refused(Exception):
    """A request that cannot be carried out."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def create_scene(db, request):
    """Create a scene, and return the new ids and keys under the names in the request."""
    wanted = {part: request.get(part) or [] for part in ("organizations", "users", "tracks", "revoked_keys", "extra_keys", "saves")}
    organizations = {o["name"]: {"id": store.new_id("org_")} for o in wanted["organizations"]}
    users = {u["name"]: {"id": store.new_id("user_"), "api_key": store.new_id("ak_")} for u in wanted["users"]}
    tracks = {t["name"]: {"id": store.new_id("mtrack_")} for t in wanted["tracks"]}
    revoked = {k["name"]: {"api_key": store.new_id("ak_")} for k in wanted["revoked_keys"]}
    extra = {k["name"]: {"api_key": store.new_id("ak_")} for k in wanted["extra_keys"]}
    with store.transaction(db):  # an incomplete scene leaves nothing behind
        for u in wanted["users"]:
            user = users[u["name"]]
            db.execute("INSERT INTO keys VALUES (?, ?, 0)", (store.digest(user["api_key"]), user["id"]))
            for name in u.get("member_of") or []:
                db.execute("INSERT INTO members VALUES (?, ?)", (organizations[name]["id"], user["id"]))
        for made, part, is_revoked in ((revoked, "revoked_keys", 1), (extra, "extra_keys", 0)):
            for k in wanted[part]:
                key = store.digest(made[k["name"]]["api_key"])
                db.execute("INSERT INTO keys VALUES (?, ?, ?)", (key, users[k["user"]]["id"], is_revoked))
        for t in wanted["tracks"]:
            create_track(db, t, tracks[t["name"]]["id"], organizations[t["organization"]]["id"], users)
        for s in wanted["saves"]:  # in this order, after those of the tracks
            db.execute("INSERT INTO saves (track, user) VALUES (?, ?)", (tracks[s["track"]]["id"], users[s["user"]]["id"]))
    return {"organizations": organizations, "users": users, "tracks": tracks, "revoked_keys": revoked, "extra_keys": extra}


def create_track(db, wanted, track, organization, users):
    """A creator or saver who is not a member is a user who has left the organization."""
    at, creator = wanted.get("created_at", store.now()), users[wanted["creator"]]["id"]
    db.execute("INSERT INTO tracks VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", (track, organization, creator, wanted.get("title"),
               wanted.get("engine", "studio"), wanted.get("mode", "creation"), at))
    for name in wanted.get("saved_by") or []:  # oldest first
        db.execute("INSERT INTO saves (track, user) VALUES (?, ?)", (track, users[name]["id"]))
    for kind, amount, currency in (("track.created", None, None), ("track.billed", "0.10", "CHF")):
        db.execute("INSERT INTO events (organization, track, type, at, actor, amount, currency) VALUES (?, ?, ?, ?, ?, ?, ?)",
                   (organization, track, kind, at, creator, amount, currency))


def history(db, organization, track):
    """The events of a track, oldest first, even if it is deleted; None if there never was such a track."""
    rows = db.execute("SELECT type, at, actor, amount, currency FROM events WHERE organization = ? AND track = ? ORDER BY position",
                      (organization, track)).fetchall()
    if not rows:
        return None
    return {"events": [{name: row[name] for name in row.keys() if row[name] is not None} for row in rows]}


def histories(db, tracks):
    """Many histories, all of one moment: within a transaction, what others write is not seen."""
    with store.transaction(db):
        return {"histories": [history(db, t["organization_id"], t["track_id"]) for t in tracks]}


def revoke_key(db, key):
    """The API looks the key up for each request, so nothing that it has cached needs to be cleared."""
    if not db.execute("UPDATE keys SET revoked = 1 WHERE digest = ?", (store.digest(key),)).rowcount:
        raise Refused(404, "there never was such a key")
    return {}


def end_membership(db, organization, user):
    """The tracks and saves of the user stay."""
    if not db.execute("DELETE FROM members WHERE organization = ? AND user = ?", (organization, user)).rowcount:
        raise Refused(404, "there is no such membership")
    return {}


def carry_out(database, request):
    """Carry out one request of the exec transport, and return the response."""
    try:
        with closing(store.connect(database)) as db:
            if request["operation"] == "capabilities":
                return CAPABILITIES
            if request["operation"] == "create_scene":
                return create_scene(db, request["scene"])
            if request["operation"] == "history":
                found = history(db, request["organization_id"], request["track_id"])
                if found is None:
                    raise Refused(404, "no such track was ever created")
                return found
            if request["operation"] == "histories":
                return histories(db, request["tracks"])
            if request["operation"] == "revoke_key":
                return revoke_key(db, request["api_key"])
            if request["operation"] == "end_membership":
                return end_membership(db, request["organization_id"], request["user_id"])
            raise Refused(400, f"there is no operation {request['operation']!r}")
    except Refused as refused:
        return {"error": str(refused), "status": refused.status}
    except KeyError as missing:
        return {"error": f"the request does not hold, or refers to, {missing}", "status": 400}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", required=True)
    arguments = parser.parse_args()
    json.dump(carry_out(arguments.database, json.load(sys.stdin)), sys.stdout)

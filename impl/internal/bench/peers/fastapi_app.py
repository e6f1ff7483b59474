"""What a Python team would write: FastAPI on uvicorn, redis-py, and the bare handler's script.

Settings: REDIS (its address), SCRIPT (file of the script).
"""
import hashlib
import itertools
import os
import time

import redis.asyncio
from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel

host, port = os.environ["REDIS"].split(":")
# By default it fails beyond 100 connections, rather than waiting for one.
client = redis.asyncio.Redis(host=host, port=int(port), decode_responses=True, max_connections=512)
with open(os.environ["SCRIPT"], encoding="utf-8") as source:
    delete_track = client.register_script(source.read())
app = FastAPI()
users: dict[str, str] = {}
requests = itertools.count()


class Acknowledgement(BaseModel):
    success: bool
    id: str
    detail: str


@app.delete("/v1/music/{organization}/tracks/{track}")
async def delete(organization: str, track: str, x_api_key: str = Header()) -> Acknowledgement:
    key = hashlib.sha256(x_api_key.encode()).hexdigest()
    user = users.get(key)
    if user is None:
        user = await client.hget("key:" + key, "user")
        if user is None:
            return JSONResponse({"success": False}, 401)
        users[key] = user
    tag = "{" + organization + "}:"
    outcome = await delete_track(
        keys=[f"{tag}track:{track}", f"{tag}members", f"{tag}history:{track}", f"{tag}library:{user}"],
        args=[user, track, int(time.time() * 1000), f"req_{next(requests)}"],
    )
    if outcome == 0:
        return Acknowledgement(success=True, id=track, detail="Track deleted.")
    return JSONResponse({"success": False}, 403 if outcome == 1 else 404)

"""A provisioner on the server that openapi-generator makes as python-fastapi. It makes up ids and keys, and offers no
optional part."""

import secrets
import socket

import uvicorn
from fastapi.responses import JSONResponse
from openapi_server.apis.provisioning_api_base import BaseProvisioningApi
from openapi_server.main import app
from openapi_server.models.capabilities import Capabilities
from openapi_server.models.identified import Identified
from openapi_server.models.scene import Scene
from openapi_server.models.scene_user import SceneUser


class Provisioner(BaseProvisioningApi):
    async def get_capabilities(self):
        return Capabilities(protocol=1, features=[])

    async def create_scene(self, scene_request):
        scene = Scene(
            organizations={o.name: Identified(id="org_" + secrets.token_hex(8)) for o in scene_request.organizations or []},
            users={
                u.name: SceneUser(id="usr_" + secrets.token_hex(8), api_key=secrets.token_hex(16))
                for u in scene_request.users or []
            },
            tracks={t.name: Identified(id="mtrack_" + secrets.token_hex(8)) for t in scene_request.tracks or []},
        )
        # The generated routes give 200 to whatever is no response.
        return JSONResponse(scene.to_dict(), status_code=201)


listener = socket.create_server(("127.0.0.1", 0))
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])

"""Deletes a track with the transport of the vendor's published SDK and prints status and body.

The documentation's example calls client.delete, which aitronos-sdk 5.0.0 does not have.

    python sdk.py BASE_URL PATH        the key is in FREDDY_API_KEY
"""

import json
import os
import sys

from aitronos import Aitronos

base_url, path = sys.argv[1:]
client = Aitronos(base_url=base_url, api_key=os.environ["FREDDY_API_KEY"])
response = client._client_wrapper.httpx_client.request(path, method="DELETE")
print(json.dumps({"status": response.status_code, "body": response.json()}))

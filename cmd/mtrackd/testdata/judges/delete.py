import os
import requests

api_key = os.environ["FREDDY_API_KEY"]

response = requests.delete(
    "https://api.aitronos.com/v1/music/org_abc123/tracks/mtrack_7c1a9e2f4b8d",
    headers={"X-API-Key": api_key},
)
print(response.json()["detail"])

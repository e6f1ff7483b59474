curl -X DELETE "https://api.aitronos.com/v1/music/org_abc123/tracks/mtrack_7c1a9e2f4b8d" \
  -H "X-API-Key: $FREDDY_API_KEY"

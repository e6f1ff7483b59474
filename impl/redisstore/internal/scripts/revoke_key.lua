-- Marks a key as revoked, and its revocation as unfinished: the rings still
-- hold it. One that was revoked before keeps its time.
--
-- KEYS[1] the key
--
-- RETURNS {'OK', encoded id of its user} | 'NOT_FOUND'
-- At most 3 commands. Time: TIME of the server.

local key = redis.call('HMGET', KEYS[1], 'user', 'revoked_at')
if not key[1] then
  return 'NOT_FOUND'
end
if key[2] == '' then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'revoked_at', time[1] .. string.format('%06d', tonumber(time[2])), 'revoking', '1')
end
return {'OK', key[1]}

-- Creates a key, unless it exists.
--
-- KEYS[1] the key
-- ARGV[1] encoded id of its user
-- ARGV[2] label, may be empty
-- ARGV[3] when it was made, microseconds; 'now' for the time of the server;
--         empty if unknown
-- ARGV[4] when it was revoked, microseconds; empty for a key that works
--
-- RETURNS 'OK' | 'CHANGED': it exists and belongs to another user
-- At most 3 commands. Time: TIME of the server.

local user = redis.call('HGET', KEYS[1], 'user')
if user then
  if user ~= ARGV[1] then
    return 'CHANGED'
  end
  return 'OK'
end
local created = ARGV[3]
if created == 'now' then
  local time = redis.call('TIME')
  created = time[1] .. string.format('%06d', tonumber(time[2]))
end
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'label', ARGV[2], 'created_at', created, 'revoked_at', ARGV[4])
return 'OK'

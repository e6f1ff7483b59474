-- Marks the revocation of a key as finished: no ring holds the key any more.
-- Only now it is revoked everywhere, so this is the time that it is given.
--
-- KEYS[1] the key
--
-- RETURNS 'OK'
-- At most 4 commands. Time: TIME of the server.

if redis.call('HEXISTS', KEYS[1], 'revoking') == 1 then
  local time = redis.call('TIME')
  redis.call('HSET', KEYS[1], 'revoked_at', time[1] .. string.format('%06d', tonumber(time[2])))
  redis.call('HDEL', KEYS[1], 'revoking')
end
return 'OK'

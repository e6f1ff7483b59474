-- Reports whether a key works at all, for a caller that no member's key in the
-- organization was recognized for.
--
-- KEYS[1] the key
--
-- RETURNS 'OK' | 'NO_KEY'
-- 1 command. Writes nothing.

local key = redis.call('HMGET', KEYS[1], 'user', 'revoked_at')
if not key[1] or key[2] ~= '' then
  return 'NO_KEY'
end
return 'OK'

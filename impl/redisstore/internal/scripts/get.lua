-- Reads a track that the caller created or saved.
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- KEYS[3] its savers
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2…] fields of the track to return, 'deleted_at' first, 'creator' second
--
-- RETURNS {'OK', {value or nil of each field}} | {'NO_KEY'} | {'NOT_FOUND'}
-- At most 3 commands; every refusal of a member takes 3. Writes nothing.

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return {'NO_KEY'}
end
local track = redis.call('HMGET', KEYS[2], unpack(ARGV, 2))
if track[1] or track[2] ~= user then
  local saved = redis.call('ZSCORE', KEYS[3], user)
  if not saved or track[1] or not track[2] then
    return {'NOT_FOUND'}
  end
end
return {'OK', track}

-- Reads a track that the caller created or saved.
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2] encoded id of the track
-- ARGV[3] prefix of the organization's libraries (see delete.lua)
-- ARGV[4…] fields of the track to return, 'deleted_at' first, 'creator' second
--
-- RETURNS {'OK', {value or nil of each field}} | {'NO_KEY'} | {'NOT_FOUND'}
-- At most 3 commands. Writes nothing.

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return {'NO_KEY'}
end
local track = redis.call('HMGET', KEYS[2], unpack(ARGV, 4))
if track[1] or not track[2] then
  return {'NOT_FOUND'}
end
if track[2] ~= user and not redis.call('ZSCORE', ARGV[3] .. user, ARGV[2]) then
  return {'NOT_FOUND'}
end
return {'OK', track}

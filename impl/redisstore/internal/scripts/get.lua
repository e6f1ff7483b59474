-- Reads a track that the caller created or saved.
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- KEYS[3] its savers
-- ARGV[1] field of the caller's key in the ring
--
-- RETURNS {'OK', text of the track} | 'NO_KEY' | 'NOT_FOUND'
-- At most 3 commands; every refusal of a member takes 3. Writes nothing.

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return 'NO_KEY'
end
local track = redis.call('GET', KEYS[2])
local live = track and string.byte(track) ~= 33 -- '!': see schema.Track
if not live or string.sub(track, 1, #user + 1) ~= user .. ' ' then
  local saved = redis.call('ZSCORE', KEYS[3], user)
  if not saved or not live then
    return 'NOT_FOUND'
  end
end
return {'OK', track}

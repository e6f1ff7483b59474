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
local mark = track and string.byte(track) -- 33 '!' and 42 '*': see schema.Track
local live, first = mark and mark ~= 33, mark == 42 and 2 or 1
if not live or string.sub(track, first, first + #user) ~= user .. ' ' then
  local saved = redis.call('ZSCORE', KEYS[3], user)
  if not saved or not live then
    return 'NOT_FOUND'
  end
end
return {'OK', track}

-- Puts a track into a library, as its newest save, unless it is there. A track
-- that was deleted stays out.
--
-- KEYS[1] the track
-- KEYS[2] its savers
-- KEYS[3] the organization, for the number of the save
-- KEYS[4] users of the organization with a library
-- KEYS[5] the library
-- KEYS[6…8] its parts for the track's mode, its engine, and both
-- ARGV[1] segment of the track
-- ARGV[2] segment of the user
-- ARGV[3] when it was saved, microseconds
--
-- RETURNS {'OK'} | {'EXISTS'} | {'NOT_FOUND'}
-- At most 11 commands.

local track = redis.call('HMGET', KEYS[1], 'creator', 'deleted_at')
if not track[1] or track[2] then
  return {'NOT_FOUND'}
end
if redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[2]) == 0 then
  return {'EXISTS'}
end
if redis.call('EXISTS', KEYS[5]) == 0 then
  redis.call('ZADD', KEYS[4], 'NX', redis.call('ZCARD', KEYS[4]), ARGV[2])
end
local place = redis.call('HINCRBY', KEYS[3], 'saves', 1)
for i = 5, 8 do
  redis.call('ZADD', KEYS[i], place, ARGV[1])
end
return {'OK'}

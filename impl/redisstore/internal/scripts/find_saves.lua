-- Finds when a user saved tracks of one organization.
--
-- KEYS[1, 2 …] of each save: the track, its savers
-- ARGV[1]      encoded id of the user
--
-- RETURNS {'OK', state, time, time, …}: of each track whether it is 'live',
--         'deleted' or 'unknown', when the user saved it and when the save was
--         made that the user removed last, both in microseconds or nil
-- 2 commands for each save. Writes nothing.

local reply = {'OK'}
for i = 1, #KEYS, 2 do
  local track = redis.call('HMGET', KEYS[i], 'creator', 'deleted_at')
  local times = redis.call('ZMSCORE', KEYS[i + 1], ARGV[1], '!' .. ARGV[1])
  reply[#reply + 1] = not track[1] and 'unknown' or track[2] and 'deleted' or 'live'
  reply[#reply + 1] = times[1]
  reply[#reply + 1] = times[2]
end
return reply

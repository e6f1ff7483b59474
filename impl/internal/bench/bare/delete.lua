-- What a good engineer would write by hand for this one operation.
-- KEYS: the track, the organization's members, the track's history, the caller's library
-- ARGV: user, track id, time in milliseconds, request id
local track = redis.call('HMGET', KEYS[1], 'creator', 'deleted_at')
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 or not track[1] or track[2] then
  return 2
end
if track[1] ~= ARGV[1] then
  if redis.call('ZSCORE', KEYS[4], ARGV[2]) then
    return 1
  end
  return 2
end
redis.call('HSET', KEYS[1], 'deleted_at', ARGV[3])
redis.call('RPUSH', KEYS[3], '{"type":"track.deleted","actor":"' .. ARGV[1] .. '","at":' .. ARGV[3] .. ',"request":"' .. ARGV[4] .. '"}')
return 0

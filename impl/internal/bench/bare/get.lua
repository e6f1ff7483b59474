-- KEYS: the track, the organization's members, the caller's library
-- ARGV: user, track id
local track = redis.call('HMGET', KEYS[1], 'creator', 'deleted_at', 'title', 'engine', 'mode', 'licence', 'created_at')
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 or not track[1] or track[2] then
  return false
end
if track[1] ~= ARGV[1] and not redis.call('ZSCORE', KEYS[3], ARGV[2]) then
  return false
end
return track

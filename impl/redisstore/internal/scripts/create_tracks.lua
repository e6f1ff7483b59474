-- Creates a track, unless it exists.
--
-- KEYS[1] the track
-- KEYS[2] tracks of the organization
-- ARGV[1] segment of the track
-- ARGV[2…] field, value, field, value, …
--
-- RETURNS {'OK'} | {'EXISTS'}
-- At most 3 commands.

if redis.call('EXISTS', KEYS[1]) == 1 then
  return {'EXISTS'}
end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
redis.call('RPUSH', KEYS[2], ARGV[1])
return {'OK'}

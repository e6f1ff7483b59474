-- Takes a track out of the caller's library, and keeps in mind which save that
-- was: a repeated import must not bring it back (see create_saves.lua).
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- KEYS[3] its savers
-- KEYS[4] mark of this request
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2] encoded id of the track
-- ARGV[3] prefix of the organization's libraries (see delete.lua)
-- ARGV[4] seconds for which the mark is kept
--
-- RETURNS {'OK'} | {'NO_KEY'} | {'NOT_FOUND'}
-- At most 12 commands. Nothing can fail after the first write.

-- The same request once more: its first reply was lost. Whoever only had the
-- track saved has no access to it any more, but is to be told of its success.
if redis.call('GET', KEYS[4]) == ARGV[2] then
  return {'OK'}
end

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return {'NO_KEY'}
end
local track = redis.call('HMGET', KEYS[2], 'creator', 'deleted_at', 'mode', 'engine')
if not track[1] or track[2] then
  return {'NOT_FOUND'}
end
local library = ARGV[3] .. user
if not redis.call('ZSCORE', library, ARGV[2]) then
  if track[1] == user then
    return {'OK'}
  end
  return {'NOT_FOUND'}
end

local mode, engine = ':mode:' .. track[3], ':engine:' .. track[4]
redis.call('SET', KEYS[4], ARGV[2], 'EX', ARGV[4])
redis.call('ZREM', library, ARGV[2])
redis.call('ZREM', library .. mode, ARGV[2])
redis.call('ZREM', library .. engine, ARGV[2])
redis.call('ZREM', library .. mode .. engine, ARGV[2])
local at = redis.call('ZSCORE', KEYS[3], user)
if at then
  redis.call('ZADD', KEYS[3], at, '!' .. user)
  redis.call('ZREM', KEYS[3], user)
end
return {'OK'}

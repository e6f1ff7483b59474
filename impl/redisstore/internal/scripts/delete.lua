-- Marks a track as deleted and appends the event, if the caller created it.
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- KEYS[3] its history
-- KEYS[4] its savers
-- KEYS[5] the organization, for the number of the deletion
-- KEYS[6] dead tracks of the organization
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2] encoded id of the track
-- ARGV[3] encoded id of the request
-- ARGV[4] prefix of the organization's libraries; with the caller, who is known
--         only here, it names the caller's library, in the same slot
--
-- RETURNS {'OK'} | {'NO_KEY'} | {'NOT_FOUND'} | {'NOT_CREATOR'}
-- At most 8 commands, however many libraries hold the track. Time: TIME of
-- the server. Nothing can fail after the first write.

local track = redis.call('HMGET', KEYS[2], 'creator', 'deleted_at', 'deleted_by')

-- The same request once more: its first reply was lost. This comes before the
-- key, so that not even a revocation in between turns a deletion that took
-- place into a refusal. The server gives every request an id of its own.
if track[3] and track[3] == ARGV[3] then
  return {'OK'}
end

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return {'NO_KEY'}
end
if not track[1] or track[2] then
  return {'NOT_FOUND'}
end
if track[1] ~= user then
  if redis.call('ZSCORE', ARGV[4] .. user, ARGV[2]) then
    return {'NOT_CREATOR'}
  end
  return {'NOT_FOUND'}
end

local time = redis.call('TIME')
local now = time[1] .. string.format('%06d', tonumber(time[2]))
redis.call('HSET', KEYS[2], 'deleted_at', now, 'deleted_by', ARGV[3])
-- Segments need no escaping in JSON.
redis.call('RPUSH', KEYS[3], '{"type":"track.deleted","at":' .. now ..
  ',"actor":"' .. user .. '","request":"' .. ARGV[3] .. '"}')
if redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('ZADD', KEYS[6], redis.call('HINCRBY', KEYS[5], 'deletions', 1), ARGV[2])
end
return {'OK'}

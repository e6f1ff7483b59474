-- Marks a track as deleted, if the caller created it. The mark is the event, too:
-- who reads the history makes one of it, so that neither is without the other.
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- KEYS[3] dead tracks of the organization
-- KEYS[4] savers of the track; left out where they may lie on another node
--         (see moving.go)
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2] encoded id of the request
-- ARGV[3] time of the request, in microseconds since 1970
--
-- RETURNS 'OK' | 'SAVED' | 'NO_KEY' | 'NOT_FOUND' | 'NOT_CREATOR'
-- 3 commands where nobody ever saved the track, otherwise at most 5, however many
-- libraries hold it; every refusal of a member takes 3.
--
-- Redis may refuse any write. The first one here changes only a counter, the
-- second one deletes, and the third one is of the first one's kind and on its
-- key: it cannot be refused.

local track = redis.call('GET', KEYS[2])
local mark = track and string.byte(track) -- 33 '!' and 42 '*': see schema.Track

-- The same request once more: its first reply was lost. This comes before the
-- key, so that not even a revocation in between turns a deletion that took
-- place into a refusal. The server gives every request an id of its own. What
-- the first reply was is not known any more.
if mark == 33 and string.match(track, '^![^ ]* ([^ ]*)') == ARGV[2] then
  return 'SAVED'
end

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return 'NO_KEY'
end
local live, first = mark and mark ~= 33, mark == 42 and 2 or 1
if not live or string.sub(track, first, first + #user) ~= user .. ' ' then
  if not KEYS[4] then
    return redis.error_reply('TRYAGAIN the savers of the track were left out')
  end
  local saved = redis.call('ZSCORE', KEYS[4], user)
  if saved and live then
    return 'NOT_CREATOR'
  end
  return 'NOT_FOUND'
end

local deleted = '!' .. ARGV[3] .. ' ' .. ARGV[2] .. ' ' .. user .. ' ' .. track
if mark == 42 then
  redis.call('SET', KEYS[2], deleted)
  return 'OK'
end
local count = redis.call('ZADD', KEYS[3], 'INCR', 1, '')
redis.call('SET', KEYS[2], deleted)
redis.call('ZADD', KEYS[3], count - 0.5, string.match(KEYS[2], '[^:]*$')) -- the id: see schema.EncodedID
return 'SAVED'

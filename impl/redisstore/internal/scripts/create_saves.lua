-- Puts tracks into a library, each as its newest save, unless it is there. A
-- track that was deleted stays out, and so does a save that its user removed
-- (see unsave.lua): only a later one brings the track back. Into the parts of the
-- library they come when somebody asks for one (see divide.lua).
--
-- KEYS[1] the organization, for the numbers of the saves
-- KEYS[2] users of the organization with a library
-- KEYS[3] the library
-- ARGV[1] encoded id of the user
-- ARGV[2] the number of the last save when the store was seen to know none of
--         these, counting those that the same caller has made since; if it is no
--         longer the last, what is known of each is looked up
-- ARGV[3] how many saves may be in no part of the library
-- ARGV[4] prefix of the organization's tracks
-- ARGV[5] prefix of the savers of a track
-- ARGV[6, 7 …] of each save: encoded id of the track, when it was saved, in
--         microseconds
--
-- Tracks and savers are named here only, all in the same slot: there are many, and
-- their names are long. While that slot moves to another node this fails.
--
-- RETURNS 'OK' | 'UNDIVIDED': done, and more than ARGV[3] are in no part
--         | 'CHANGED': a track does not exist, or was saved at another time, and
--         nothing was written
-- At most 12 commands, and 4 for each save. As many numbers are taken as saves
-- were given, whatever becomes of them: so the caller knows the last one.
-- Whatever Redis could refuse for its type is looked at before the first write,
-- which changes only a counter, but for savers that need no look; these come
-- after the tracks, which lose the mark that nobody has saved them, and both are
-- taken back. All further writes are of one kind, so that none is refused after
-- the first.

redis.call('EXISTS', KEYS[1], KEYS[1] .. ':nothing') -- no such key: Redis fails this where the slot moves

local user, removed, savers = ARGV[1], '!' .. ARGV[1], ARGV[5]
local tracks = {}
for i = 6, #ARGV, 2 do
  tracks[#tracks + 1] = ARGV[4] .. ARGV[i]
end
local count, texts = #tracks, redis.call('MGET', unpack(tracks))
local untouched = (redis.call('HGET', KEYS[1], 'saves') or '0') == ARGV[2]
local ids, times, unsaved = {}, {}, {} -- of the new saves; the last: by track, its text without the mark
for i = 1, count do
  local text, id, at = texts[i], ARGV[2 * i + 4], ARGV[2 * i + 5]
  if not text then
    return 'CHANGED'
  end
  local mark = string.byte(text) -- 33 '!' and 42 '*': see schema.Track
  local new = mark ~= 33
  if new and not untouched then
    local known = redis.call('ZMSCORE', savers .. id, user, removed)
    if known[2] and tonumber(known[2]) >= tonumber(at) then
      new = false -- removed since
    elseif known[1] then
      if tonumber(known[1]) ~= tonumber(at) then
        return 'CHANGED'
      end
      new = false
    end
  end
  if new then
    ids[#ids + 1], times[#times + 1] = id, at
    if mark == 42 then
      unsaved[tracks[i]] = string.sub(text, 2)
    end
  end
end
local size, users = redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[2])
local last = redis.call('ZRANGE', KEYS[3], -1, -1, 'WITHSCORES')[2]

local before = redis.call('HINCRBY', KEYS[1], 'saves', count) - count
if tonumber(last or 0) > before then -- the count was lost, and begins behind what there is
  before = redis.call('HINCRBY', KEYS[1], 'saves', last - before) - count
end
if #ids == 0 then
  return 'OK'
end
for name, text in pairs(unsaved) do
  redis.call('SET', name, text)
end
for n = 1, #ids do
  local reply = redis.pcall('ZADD', savers .. ids[n], times[n], user)
  if type(reply) == 'table' then
    for m = 1, n - 1 do
      redis.call('ZREM', savers .. ids[m], user)
    end
    for name, text in pairs(unsaved) do
      redis.call('SET', name, '*' .. text)
    end
    return reply
  end
end
local words = {}
for n = #ids, 1, -1 do -- newest first: Redis finds the place of an older one sooner
  words[#words + 1] = string.format('%d', before + n)
  words[#words + 1] = ids[n]
end
if size == 0 then
  redis.call('ZADD', KEYS[2], 'NX', users, user)
end
redis.call('ZADD', KEYS[3], unpack(words))

if size + #ids > tonumber(ARGV[3]) then
  local divided = redis.call('HGET', KEYS[1], 'divided:' .. user) or '0'
  if #redis.call('ZRANGE', KEYS[3], '(' .. divided, '+inf', 'BYSCORE', 'LIMIT', ARGV[3], 1) > 0 then
    return 'UNDIVIDED'
  end
end
return 'OK'

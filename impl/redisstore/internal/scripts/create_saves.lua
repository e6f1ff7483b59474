-- Puts tracks into a library, each as its newest save, unless it is there. A
-- track that was deleted stays out, and so does a save that its user removed
-- (see unsave.lua): only a later one brings the track back. Into the parts of the
-- library they come when somebody asks for one (see divide.lua).
--
-- KEYS[1]      the organization, for the numbers of the saves
-- KEYS[2]      users of the organization with a library
-- KEYS[3]      the library
-- KEYS[4 …]    the tracks of all saves, then the savers of each of them
-- ARGV[1]      encoded id of the user
-- ARGV[2]      the number of the last save when the store was seen to know none
--              of these, counting those that the same caller has made since; if
--              it is no longer the last, what is known of each is looked up
-- ARGV[3]      how many saves may be in no part of the library
-- ARGV[4, 5 …] of each save: encoded id of the track, when it was saved, in
--              microseconds
--
-- RETURNS 'OK' | 'UNDIVIDED': done, and more than ARGV[3] are in no part
--         | 'CHANGED': a track does not exist, or was saved at another time, and
--         nothing was written
-- At most 9 commands, and 3 for each save. As many numbers are taken as saves
-- were given, whatever becomes of them: so the caller knows the last one.
-- Whatever Redis could refuse for its type is looked at before the first write,
-- which changes only a counter, but for savers that need no look; these come
-- next and are taken back. All further writes are of one kind, so that none is
-- refused after the first.

local user, removed, count = ARGV[1], '!' .. ARGV[1], (#ARGV - 3) / 2
local texts = redis.call('MGET', unpack(KEYS, 4, 3 + count))
local untouched = (redis.call('HGET', KEYS[1], 'saves') or '0') == ARGV[2]
local new = {} -- the places of the new saves
for i = 1, count do
  local text = texts[i]
  if not text then
    return 'CHANGED'
  end
  if string.byte(text) ~= 33 then -- '!': see schema.Track
    local at, known = ARGV[2 * i + 3], {}
    if not untouched then
      known = redis.call('ZMSCORE', KEYS[3 + count + i], user, removed)
    end
    if known[2] and tonumber(known[2]) >= tonumber(at) then
      -- removed since
    elseif not known[1] then
      new[#new + 1] = i
    elseif tonumber(known[1]) ~= tonumber(at) then
      return 'CHANGED'
    end
  end
end
local size, users = redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[2])

local before = redis.call('HINCRBY', KEYS[1], 'saves', count) - count
if #new == 0 then
  return 'OK'
end
local words, last = {}, 2 * #new
for n, i in ipairs(new) do
  local reply = redis.pcall('ZADD', KEYS[3 + count + i], ARGV[2 * i + 3], user)
  if type(reply) == 'table' then
    for m = 1, n - 1 do
      redis.call('ZREM', KEYS[3 + count + new[m]], user)
    end
    return reply
  end
  -- Newest first: Redis finds the place of an older one sooner.
  words[last - 2 * n + 1] = string.format('%.0f', before + n)
  words[last - 2 * n + 2] = ARGV[2 * i + 2]
end
if size == 0 then
  redis.call('ZADD', KEYS[2], 'NX', users, user)
end
redis.call('ZADD', KEYS[3], unpack(words))

if size + #new > tonumber(ARGV[3]) then
  local divided = redis.call('HGET', KEYS[1], 'divided:' .. user) or '0'
  if #redis.call('ZRANGE', KEYS[3], '(' .. divided, '+inf', 'BYSCORE', 'LIMIT', ARGV[3], 1) > 0 then
    return 'UNDIVIDED'
  end
end
return 'OK'

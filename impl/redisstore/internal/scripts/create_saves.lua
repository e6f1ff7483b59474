-- Puts tracks into a library, each as its newest save, unless it is there. A
-- track that was deleted stays out, and so does a save that its user removed
-- (see unsave.lua): only a later one brings the track back.
--
-- KEYS[1]      the organization, for the numbers of the saves
-- KEYS[2]      users of the organization with a library
-- KEYS[3]      the library
-- KEYS[4 …]    the tracks of all saves, then the savers of each of them
-- ARGV[1]      encoded id of the user
-- ARGV[2]      the number of the last save when the store was seen to know none
--              of these, counting those that the same caller has made since; if
--              it is no longer the last, what is known of each is looked up
-- ARGV[3, 4 …] of each save: encoded id of the track, when it was saved, in
--              microseconds
--
-- The parts of the library are named here only, as the track says its mode and
-- engine; they lie in the same slot.
--
-- RETURNS 'OK' | 'CHANGED': a track does not exist, or was saved at another
--         time, and nothing was written
-- At most 7 commands, and 9 for each save. As many numbers are taken as saves
-- were given, whatever becomes of them: so the caller knows the last one.
-- Whatever Redis could refuse for its type is looked at before the first write,
-- which changes only a counter, but for savers that need no look; these come
-- next and are taken back. All further writes are of one kind, so that none is
-- refused after the first.

local user, removed, count = ARGV[1], '!' .. ARGV[1], #ARGV / 2 - 1
local texts = redis.call('MGET', unpack(KEYS, 4, 3 + count))
local untouched = (redis.call('HGET', KEYS[1], 'saves') or '0') == ARGV[2]
local ids, times, savers, kinds, places = {}, {}, {}, {}, {} -- of the new saves; the places among them by kind
for i = 1, count do
  local text = texts[i]
  if not text then
    return 'CHANGED'
  end
  local kind = string.match(text, '^[^! ]* ([^ ]* [^ ]*) ') -- none of a deleted one: see schema.Track
  if kind then
    local at, of, new = ARGV[2 * i + 2], KEYS[3 + count + i], true
    if not untouched then
      local known = redis.call('ZMSCORE', of, user, removed)
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
      local n = #ids + 1
      ids[n], times[n], savers[n] = ARGV[2 * i + 1], at, of
      local same = places[kind]
      if not same then
        same = {}
        places[kind] = same
        kinds[#kinds + 1] = kind
      end
      same[#same + 1] = n
    end
  end
end

-- The parts of the library, each with the places among the new saves that go
-- into it.
local names, parts = {}, {}
for _, kind in ipairs(kinds) do
  local mode, engine = string.match(kind, '^(.*) (.*)$')
  mode, engine = ':mode:' .. mode, ':engine:' .. engine
  for _, part in ipairs({'', mode, engine, mode .. engine}) do
    local name = KEYS[3] .. part
    local all = parts[name]
    if not all then
      all = {}
      parts[name] = all
      names[#names + 1] = name
    end
    for _, n in ipairs(places[kind]) do
      all[#all + 1] = n
    end
  end
end
local sizes = {}
for i, name in ipairs(names) do
  sizes[i] = redis.call('ZCARD', name)
end
local users = redis.call('ZCARD', KEYS[2])
if #ids > 0 then
  redis.call('EXISTS', unpack(names)) -- fails where a slot moves and one is not here
end

local before = redis.call('HINCRBY', KEYS[1], 'saves', count) - count
if #ids == 0 then
  return 'OK'
end
local numbers = {}
for n = 1, #ids do
  local reply = redis.pcall('ZADD', savers[n], times[n], user)
  if type(reply) == 'table' then
    for i = 1, n - 1 do
      redis.call('ZREM', savers[i], user)
    end
    return reply
  end
  numbers[n] = string.format('%.0f', before + n)
end
if sizes[1] == 0 then
  redis.call('ZADD', KEYS[2], 'NX', users, user)
end
for _, name in ipairs(names) do
  local words, places = {}, parts[name]
  local last = 2 * #places
  for i, n in ipairs(places) do -- newest first: Redis finds the place of an older one sooner
    words[last - 2 * i + 1] = numbers[n]
    words[last - 2 * i + 2] = ids[n]
  end
  redis.call('ZADD', name, unpack(words))
end
return 'OK'

-- Puts tracks into a library, each as its newest save, unless it is there. A
-- track that was deleted stays out, and so does a save that its user removed
-- (see unsave.lua): only a later one brings the track back.
--
-- KEYS[1]      the organization, for the numbers of the saves
-- KEYS[2]      users of the organization with a library
-- KEYS[3]      the library
-- KEYS[4, 5 …] of each save: the track, its savers
-- ARGV[1]      encoded id of the user
-- ARGV[2, 3 …] of each save: encoded id of the track, when it was saved, in
--              microseconds
--
-- The parts of the library are named here only, as the track says its mode and
-- engine; they lie in the same slot.
--
-- RETURNS 'OK' | 'CHANGED': a track does not exist, or was saved at another
--         time, and nothing was written
-- At most 6 commands, and 9 for each save. Whatever Redis could refuse for its
-- type is looked at before the first write, which changes only a counter; all
-- further writes are of one kind, so that none is refused after the first.

local user, removed = ARGV[1], '!' .. ARGV[1]
local ids, times, savers, kinds, places = {}, {}, {}, {}, {} -- of the new saves; the places among them by kind
for i = 2, #ARGV, 2 do
  local text = redis.call('GET', KEYS[i + 2])
  if not text then
    return 'CHANGED'
  end
  local kind = string.match(text, '^[^! ]* ([^ ]* [^ ]*) ') -- none of a deleted one: see schema.Track
  if kind then
    local known = redis.call('ZMSCORE', KEYS[i + 3], user, removed)
    local at = ARGV[i + 1]
    if known[2] and tonumber(known[2]) >= tonumber(at) then
      -- removed since
    elseif known[1] then
      if tonumber(known[1]) ~= tonumber(at) then
        return 'CHANGED'
      end
    else
      local n = #ids + 1
      ids[n], times[n], savers[n] = ARGV[i], at, KEYS[i + 3]
      if not places[kind] then
        places[kind] = {}
        kinds[#kinds + 1] = kind
      end
      table.insert(places[kind], n)
    end
  end
end
if #ids == 0 then
  return 'OK'
end

-- The parts of the library, each with the places among the new saves that go
-- into it.
local names, parts = {}, {}
for _, kind in ipairs(kinds) do
  local mode, engine = string.match(kind, '^(.*) (.*)$')
  mode, engine = ':mode:' .. mode, ':engine:' .. engine
  for _, part in ipairs({'', mode, engine, mode .. engine}) do
    local name = KEYS[3] .. part
    if not parts[name] then
      parts[name] = {}
      names[#names + 1] = name
    end
    for _, n in ipairs(places[kind]) do
      table.insert(parts[name], n)
    end
  end
end
local sizes = {}
for i, name in ipairs(names) do
  sizes[i] = redis.call('ZCARD', name)
end
local users = redis.call('ZCARD', KEYS[2])
redis.call('EXISTS', unpack(names)) -- fails where a slot moves and one is not here

local before = redis.call('HINCRBY', KEYS[1], 'saves', #ids) - #ids
if sizes[1] == 0 then
  redis.call('ZADD', KEYS[2], 'NX', users, user)
end
local numbers = {}
for n = 1, #ids do
  redis.call('ZADD', savers[n], times[n], user)
  numbers[n] = string.format('%.0f', before + n)
end
for _, name in ipairs(names) do
  local words, places = {}, parts[name]
  for i = #places, 1, -1 do -- newest first: Redis finds the place of an older one sooner
    words[#words + 1] = numbers[places[i]]
    words[#words + 1] = ids[places[i]]
  end
  redis.call('ZADD', name, unpack(words))
end
return 'OK'

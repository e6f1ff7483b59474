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
local new = {}
for i = 2, #ARGV, 2 do
  local track, savers = KEYS[i + 2], KEYS[i + 3]
  local text = redis.call('GET', track)
  if not text then
    return 'CHANGED'
  end
  local mode, engine = string.match(text, '^[^! ]* ([^ ]*) ([^ ]*) ') -- none of a deleted one: see schema.Track
  if mode then
    local times = redis.call('ZMSCORE', savers, user, removed)
    local at = tonumber(ARGV[i + 1])
    if times[2] and tonumber(times[2]) >= at then
      -- removed since
    elseif times[1] then
      if tonumber(times[1]) ~= at then
        return 'CHANGED'
      end
    else
      new[#new + 1] = {ARGV[i], ARGV[i + 1], savers, ':mode:' .. mode, ':engine:' .. engine}
    end
  end
end
if #new == 0 then
  return 'OK'
end

-- The parts of the library, each with the places among the new saves that go
-- into it.
local names, parts = {KEYS[3]}, {[KEYS[3]] = {}}
for i, s in ipairs(new) do
  local mode, engine = s[4], s[5]
  for _, part in ipairs({'', mode, engine, mode .. engine}) do
    local name = KEYS[3] .. part
    if not parts[name] then
      parts[name] = {}
      names[#names + 1] = name
    end
    table.insert(parts[name], i)
  end
end
local sizes = {}
for i, name in ipairs(names) do
  sizes[i] = redis.call('ZCARD', name)
end
local users = redis.call('ZCARD', KEYS[2])
redis.call('EXISTS', unpack(names)) -- fails where a slot moves and one is not here

local place = redis.call('HINCRBY', KEYS[1], 'saves', #new) - #new
if sizes[1] == 0 then
  redis.call('ZADD', KEYS[2], 'NX', users, user)
end
for _, s in ipairs(new) do
  redis.call('ZADD', s[3], s[2], user)
end
for _, name in ipairs(names) do
  local words = {}
  for _, i in ipairs(parts[name]) do
    words[#words + 1] = place + i
    words[#words + 1] = new[i][1]
  end
  redis.call('ZADD', name, unpack(words))
end
return 'OK'

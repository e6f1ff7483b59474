-- Puts saves of a library into its parts by mode and engine, oldest first, for a
-- reader who asks for a part, or where very many are in none. Tracks that were
-- deleted, or are missing, enter none. What is saved later is in no part until this runs again.
--
-- KEYS[1] the organization, which says up to which save the library is divided
-- KEYS[2] the library
-- ARGV[1] encoded id of its user
-- ARGV[2] prefix of the organization's tracks
-- ARGV[3] how many saves, at most
--
-- The parts are named here only, as the tracks say their modes and engines; they
-- and the tracks lie in the same slot. Where that is moving, Redis refuses this
-- unless all of them are on one node.
--
-- RETURNS {'OK', how many saves}: none where the library is divided
-- At most 5 commands, and 6 for each mode and engine among the saves. Each run
-- goes on where the last one ended, so one more changes nothing that anybody
-- sees. What was written is taken back where Redis refuses a later write.

local field = 'divided:' .. ARGV[1]
local divided = redis.call('HGET', KEYS[1], field)
local saves = redis.call('ZRANGE', KEYS[2], '(' .. (divided or '0'), '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[3], 'WITHSCORES')
if #saves == 0 then
  return {'OK', '0'}
end
local tracks = {}
for i = 1, #saves, 2 do
  tracks[#tracks + 1] = ARGV[2] .. saves[i]
end
tracks[#tracks + 1] = KEYS[2] -- so that there are two: then Redis fails where one is not here
local texts = redis.call('MGET', unpack(tracks))

-- What goes into each part, in the words of ZADD; by mode and engine the same
-- lists are found sooner.
local names, parts, kinds = {}, {}, {}
for i = 1, #saves, 2 do
  local text = texts[(i + 1) / 2] or '' -- a track that is missing would not be shown
  local kind = string.match(text, '^[^! ]* ([^ ]* [^ ]*) ') -- none of a deleted one: see schema.Track
  if kind then
    local lists = kinds[kind]
    if not lists then
      local mode, engine = string.match(kind, '^(.*) (.*)$')
      mode, engine = ':mode:' .. mode, ':engine:' .. engine
      lists = {}
      for n, part in ipairs({mode, engine, mode .. engine}) do
        local name = KEYS[2] .. part
        if not parts[name] then
          parts[name] = {}
          names[#names + 1] = name
        end
        lists[n] = parts[name]
      end
      kinds[kind] = lists
    end
    for n = 1, 3 do
      local list = lists[n]
      list[#list + 1] = saves[i + 1]
      list[#list + 1] = saves[i]
    end
  end
end
for _, name in ipairs(names) do
  redis.call('ZCARD', name) -- fails for another type
end
if #names > 0 then
  redis.call('EXISTS', KEYS[1], unpack(names)) -- fails where a slot moves and one is not here
end

redis.call('HSET', KEYS[1], field, saves[#saves])
for i, name in ipairs(names) do
  local reply = redis.pcall('ZADD', name, unpack(parts[name]))
  if type(reply) == 'table' then
    for j = 1, i - 1 do
      local undo = {}
      for n = 2, #parts[names[j]], 2 do
        undo[n / 2] = parts[names[j]][n]
      end
      redis.call('ZREM', names[j], unpack(undo))
    end
    if divided then
      redis.call('HSET', KEYS[1], field, divided)
    else
      redis.call('HDEL', KEYS[1], field)
    end
    return reply
  end
end
return {'OK', string.format('%d', #saves / 2)}

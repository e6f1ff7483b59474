-- Creates tracks of one organization and adds to their histories, each track
-- with its events in one step, so that nobody meets a track whose past is
-- still missing.
--
-- KEYS[1]      tracks of the organization
-- KEYS[2, 3 …] of each track: the track, its history
-- ARGV[1]      prefix of the savers of a track; they are named here only, in the
--              same slot. A new track has some where the one before it was lost,
--              and is then not marked as never saved (see schema.Track)
-- ARGV[2 …]    of each track, in the same order:
--                its encoded id
--                how many events the caller found in the history; -1 where it
--                  found no track
--                the event before which to insert, '' to append
--                the text of the track, '' where it exists
--                number of events
--                event, event, …
--
-- RETURNS 'OK' | 'CHANGED': a track or its history is no longer what the
--         caller found, and nothing was written
-- At most 4 commands, and 5 for each track, with one more for each thousand of
-- its events, or each that is inserted. Whatever Redis could refuse for its type
-- is looked at before the first write, and what was written is taken back where
-- Redis refuses a later write.

local count, starts, at = (#KEYS - 1) / 2, {}, 2 -- where the words of each track begin
local empty = redis.call('EXISTS', unpack(KEYS, 2)) == 0 -- so it mostly is
local created = {}
for i = 1, count do
  local found = tonumber(ARGV[at + 1])
  local exists = not empty and redis.call('EXISTS', KEYS[2 * i]) == 1
  if exists ~= (found >= 0) or not empty and redis.call('LLEN', KEYS[2 * i + 1]) ~= math.max(found, 0) then
    return 'CHANGED'
  end
  if ARGV[at + 3] ~= '' then
    created[#created + 1] = ARGV[at]
  end
  starts[i] = at
  at = at + 5 + ARGV[at + 4]
end
local saved = false -- one of the new ones
if #created > 0 then
  redis.call('LLEN', KEYS[1])
  local savers = {}
  for n = 1, #created do
    savers[n] = ARGV[1] .. created[n]
  end
  saved = redis.call('EXISTS', unpack(savers)) > 0
end

-- What was written: the keys of tracks, with 0, and of lists, with how many were
-- added at their ends.
local keys, added = {}, {}
local function write(key, n, ...)
  local reply = redis.pcall(...)
  if type(reply) ~= 'table' or not reply.err then
    if n then
      keys[#keys + 1], added[#added + 1] = key, n
    end
    return nil
  end
  for i = #keys, 1, -1 do
    if added[i] == 0 then
      redis.call('DEL', keys[i])
    else
      redis.call('RPOP', keys[i], added[i])
    end
  end
  return reply
end

for i = 1, count do
  local key, text = KEYS[2 * i], ARGV[starts[i] + 3]
  if saved and string.byte(text) == 42 and redis.call('EXISTS', ARGV[1] .. ARGV[starts[i]]) == 1 then -- '*'
    text = string.sub(text, 2)
  end
  local failed = text ~= '' and write(key, 0, 'SET', key, text)
  if failed then
    return failed
  end
end
for i = 1, count do
  local key, first = KEYS[2 * i + 1], starts[i] + 5
  local last = first - 1 + ARGV[first - 1]
  if ARGV[first - 3] == '' then
    for j = first, last, 1000 do -- as many as Lua unpacks
      local n = math.min(last - j + 1, 1000)
      local failed = write(key, n, 'RPUSH', key, unpack(ARGV, j, j + n - 1))
      if failed then
        return failed
      end
    end
  end
end
local failed = #created > 0 and write(KEYS[1], #created, 'RPUSH', KEYS[1], unpack(created))
if failed then
  return failed
end
-- Insertions cannot be taken back, so they come last: once Redis has accepted
-- one of them it accepts them all.
for i = 1, count do
  local key, first = KEYS[2 * i + 1], starts[i] + 5
  if ARGV[first - 3] ~= '' then
    for j = first, first - 1 + ARGV[first - 1] do
      failed = write(key, nil, 'LINSERT', key, 'BEFORE', ARGV[first - 3], ARGV[j])
      if failed then
        return failed
      end
    end
  end
end
return 'OK'

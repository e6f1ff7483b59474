-- Creates tracks of one organization and adds to their histories, each track
-- with its events in one step, so that nobody meets a track whose past is
-- still missing.
--
-- KEYS[1]      tracks of the organization
-- KEYS[2, 3 …] of each track: the track, its history
-- ARGV         of each track, in the same order:
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
-- At most 3 commands, and 4 for each track, with one more for each thousand of
-- its events, or each that is inserted. Whatever Redis could refuse for its type
-- is looked at before the first write, and what was written is taken back where
-- Redis refuses a later write.

local entries, at = {}, 1
local empty = redis.call('EXISTS', unpack(KEYS, 2)) == 0 -- so it mostly is
for i = 2, #KEYS, 2 do
  local events = at + 5
  local last = at + 4 + tonumber(ARGV[at + 4])
  local found = tonumber(ARGV[at + 1])
  local exists = not empty and redis.call('EXISTS', KEYS[i]) == 1
  if exists ~= (found >= 0) or not empty and redis.call('LLEN', KEYS[i + 1]) ~= math.max(found, 0) then
    return 'CHANGED'
  end
  entries[#entries + 1] = {at, events, last}
  at = last + 1
end

-- Insertions cannot be taken back, so they come last: once Redis has accepted
-- one of them it accepts them all.
local made, added, inserted, created = {}, {}, {}, {}
for i, e in ipairs(entries) do
  local track, history, before = KEYS[2 * i], KEYS[2 * i + 1], ARGV[e[1] + 2]
  if ARGV[e[1] + 3] ~= '' then
    made[#made + 1] = {{'SET', track, ARGV[e[1] + 3]}, {'DEL', track}}
    created[#created + 1] = ARGV[e[1]]
  end
  if before == '' then
    for j = e[2], e[3], 1000 do -- as many as Lua unpacks
      local last = math.min(j + 999, e[3])
      added[#added + 1] = {{'RPUSH', history, unpack(ARGV, j, last)}, {'RPOP', history, last - j + 1}}
    end
  else
    for j = e[2], e[3] do
      inserted[#inserted + 1] = {{'LINSERT', history, 'BEFORE', before, ARGV[j]}}
    end
  end
end
if #created > 0 then
  redis.call('LLEN', KEYS[1])
  added[#added + 1] = {{'RPUSH', KEYS[1], unpack(created)}}
end

local done = {}
for _, writes in ipairs({made, added, inserted}) do
  for _, w in ipairs(writes) do
    local reply = redis.pcall(unpack(w[1]))
    if type(reply) == 'table' and reply.err then
      for i = #done, 1, -1 do
        redis.call(unpack(done[i]))
      end
      return reply
    end
    done[#done + 1] = w[2]
  end
end
return 'OK'

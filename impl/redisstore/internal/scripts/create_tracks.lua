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
--                number of fields and values: 0 where the track exists
--                field, value, field, value, …
--                number of events
--                event, event, …
--
-- RETURNS {'OK'} | {'CHANGED'}: a track or its history is no longer what the
--         caller found, and nothing was written
-- At most 2 commands, and 4 and its events for each track. Whatever Redis could
-- refuse for its type is looked at before the first write, and what was written
-- is taken back where Redis refuses a later write.

local entries, at = {}, 1
for i = 2, #KEYS, 2 do
  local fields = at + 4
  local events = fields + tonumber(ARGV[at + 3]) + 1
  local last = events + tonumber(ARGV[events - 1]) - 1
  local exists = redis.call('HEXISTS', KEYS[i], 'creator') == 1
  local found = tonumber(ARGV[at + 1])
  if exists ~= (found >= 0) or redis.call('LLEN', KEYS[i + 1]) ~= math.max(found, 0) then
    return {'CHANGED'}
  end
  entries[#entries + 1] = {at, fields, events, last}
  at = last + 1
end

-- Insertions cannot be taken back, so they come last: once Redis has accepted
-- one of them it accepts them all.
local made, added, inserted, created = {}, {}, {}, {}
for i, e in ipairs(entries) do
  local track, history, before = KEYS[2 * i], KEYS[2 * i + 1], ARGV[e[1] + 2]
  if e[3] - 1 > e[2] then
    made[#made + 1] = {{'HSET', track, unpack(ARGV, e[2], e[3] - 2)}, {'DEL', track}}
    created[#created + 1] = ARGV[e[1]]
  end
  for j = e[3], e[4] do
    if before == '' then
      added[#added + 1] = {{'RPUSH', history, ARGV[j]}, {'RPOP', history}}
    else
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
return {'OK'}

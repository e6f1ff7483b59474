-- Takes a track out of the caller's library, and keeps in mind which save that
-- was: a repeated import must not bring it back (see create_saves.lua).
--
-- KEYS[1] ring of the organization
-- KEYS[2] the track
-- KEYS[3] its savers
-- KEYS[4] the organization, which says up to which save the library is divided
--         into parts
-- KEYS[5] mark of this request; while a slot moves, instead of it, what would
--         be written without being named: the caller's library and the parts
--         of it that hold the track (see moving.go)
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2] encoded id of the track
-- ARGV[3] prefix of the organization's libraries; with the caller, who is known
--         only here, it names the caller's library, in the same slot
-- ARGV[4] seconds for which the mark is kept; 0 for no mark
--
-- RETURNS 'OK' | 'NO_KEY' | 'NOT_FOUND'
-- At most 13 commands; every refusal of a member takes the same. What was
-- written is taken back where Redis refuses a later write.

local marked = ARGV[4] ~= '0'

-- The same request once more: its first reply was lost. Whoever only had the
-- track saved has no access to it any more, but is to be told of its success.
if marked and redis.call('GET', KEYS[5]) == ARGV[2] then
  return 'OK'
end

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return 'NO_KEY'
end
local track = redis.call('GET', KEYS[2])
local at = redis.call('ZSCORE', KEYS[3], user)
if not track or string.byte(track) == 33 then -- '!': see schema.Track
  return 'NOT_FOUND'
end
local creator, mode, engine = string.match(track, '^%*?([^ ]*) ([^ ]*) ([^ ]*) ')
if not at then
  if creator == user then
    return 'OK'
  end
  return 'NOT_FOUND'
end

local library = ARGV[3] .. user
local place = redis.call('ZSCORE', library, ARGV[2])
local divided = redis.call('HGET', KEYS[4], 'divided:' .. user)
local parts = {''}
if divided and tonumber(place or 0) <= tonumber(divided) then -- see divide.lua
  mode, engine = ':mode:' .. mode, ':engine:' .. engine
  parts = {'', mode, engine, mode .. engine}
end
if not marked and #KEYS < 4 + #parts then
  return redis.error_reply('TRYAGAIN parts of the library were left out')
end
local writes, undo = {}, {}
local function write(command, back)
  writes[#writes + 1] = command
  undo[#writes] = back
end
if marked then
  write({'SET', KEYS[5], ARGV[2], 'EX', ARGV[4]}, {'SET', KEYS[5], '', 'EX', ARGV[4]})
end
write({'ZADD', KEYS[3], at, '!' .. user}) -- says nothing while the save is there
for _, part in ipairs(parts) do
  write({'ZREM', library .. part, ARGV[2]}, place and {'ZADD', library .. part, place, ARGV[2]})
end
write({'ZREM', KEYS[3], user})

for i = 1, #writes do
  local reply = redis.pcall(unpack(writes[i]))
  if type(reply) == 'table' and reply.err then
    for j = i - 1, 1, -1 do
      if undo[j] then
        redis.call(unpack(undo[j]))
      end
    end
    return reply
  end
end
return 'OK'

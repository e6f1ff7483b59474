-- Reads a window of the caller's library or of a part of it, newest save first,
-- without the tracks that were deleted but not yet taken out of it. What a
-- library holds is put into its parts only when somebody asks for one (see
-- divide.lua): of a part this reads the saves that are in none yet, too.
--
-- KEYS[1] ring of the organization
-- KEYS[2] dead tracks of the organization
-- KEYS[3] the organization, which says up to which save libraries are divided;
--         for a part only
-- ARGV[1] field of the caller's key in the ring
-- ARGV[2] prefix of the organization's libraries
-- ARGV[3] suffix that selects a part of the library, may be empty
-- ARGV[4] prefix of the organization's tracks
-- ARGV[5] offset, counted over live tracks
-- ARGV[6] limit, at most 100
-- ARGV[7] how many dead tracks to pass over, at most
-- ARGV[8] the key that says which dead tracks are out of which part of a library
--         already (see prune.lua)
-- ARGV[9] how many saves that are in no part to look through, at most; for a part
--         only
-- ARGV[10] for a part of which the caller knows that it holds nothing, while the
--         library is divided up to this save; otherwise empty
--
-- Libraries and tracks are named here only, all in the same slot. Where the
-- slot is moving to another node they may lie there: Redis fails a script that
-- looks for them on the node that they left, but on the other one what is still
-- to come looks as if it did not exist. So whatever is missing is asked for
-- again, in a way that Redis fails there, too, or left to the caller.
--
-- RETURNS {'OK', encoded id, text of the track, encoded id, …}; the text is nil
--         where the track is not on this node
--         | 'NO_KEY'
--         | {'BEHIND', encoded id of the user, number of a deletion}: there are
--         more dead tracks than ARGV[7] after that deletion; those before it
--         are out of this part of the library
--         | {'UNDIVIDED', encoded id of the user}: more saves than ARGV[9] are in
--         no part of the library
-- At most 8 commands, of a part 11, with one more for each thousand of ARGV[7] and
-- of ARGV[9] beyond the first, and where the slot moves one more for each track.
-- Writes nothing.

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return 'NO_KEY'
end
local library = ARGV[2] .. user .. ARGV[3]
local offset, limit, most = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local reply = {'OK'}

-- Of a part first what is not divided yet: it was saved later than all that is.
if ARGV[3] ~= '' then
  local whole, most = ARGV[2] .. user, tonumber(ARGV[9]) -- of the saves
  local divided = redis.call('HGET', KEYS[3], 'divided:' .. user) or '0'
  local rest = redis.call('ZRANGE', whole, '+inf', '(' .. divided, 'BYSCORE', 'REV', 'LIMIT', 0, most + 1)
  if #rest > most then
    return {'UNDIVIDED', user}
  end
  if #rest == 0 then
    redis.call('EXISTS', KEYS[1], whole) -- fails where a slot moves and either is not here
  else
    local mode, engine = string.match(ARGV[3], '^:mode:([^:]*)'), string.match(ARGV[3], ':engine:([^:]*)$')
    for first = 1, #rest, 1000 do -- as many as Lua unpacks
      local last, names = math.min(first + 999, #rest), {}
      for i = first, last do
        names[#names + 1] = ARGV[4] .. rest[i]
      end
      names[#names + 1] = KEYS[1] -- so that there are two: then Redis fails where one is not here
      local texts = redis.call('MGET', unpack(names))
      for i = first, last do
        local text = texts[i - first + 1] or '' -- a track that is missing is not shown, as by whoever lists everything
        local m, e = string.match(text, '^[^! ]* ([^ ]*) ([^ ]*) ') -- none of a deleted one: see schema.Track
        if m and (not mode or m == mode) and (not engine or e == engine) then
          if offset > 0 then
            offset = offset - 1
          elseif limit > 0 then
            limit = limit - 1
            reply[#reply + 1] = rest[i]
            reply[#reply + 1] = text
          end
        end
      end
    end
  end
  if limit == 0 or divided == '0' or divided == ARGV[10] then
    return reply
  end
end

-- How many tracks of this library are dead, and where they stand in it.
local pruned = redis.call('ZCARD', KEYS[2]) > most + 1 and redis.pcall('HGET', ARGV[8], user .. ARGV[3])
if type(pruned) ~= 'string' then
  pruned = '0'
end
local gone = redis.call('ZRANGE', KEYS[2], '(' .. pruned, '+inf', 'BYSCORE', 'LIMIT', 0, most + 2)
if gone[#gone] == '' then
  gone[#gone] = nil -- not a track, but the count, which comes last
end
if #gone > most then
  return {'BEHIND', user, pruned}
end
local dead, places = {}, {}
for first = 1, #gone, 1000 do
  local last = math.min(first + 999, #gone)
  local scores = redis.call('ZMSCORE', library, unpack(gone, first, last))
  for i = first, last do
    local score = scores[i - first + 1]
    if score then
      dead[gone[i]] = true
      places[#places + 1] = tonumber(score)
    end
  end
end

-- The window starts at most #places further down than the offset says. So
-- many more entries are read, and as many live ones skipped as there are dead
-- ones above the first entry that was read.
local window = redis.call('ZRANGE', library, offset, offset + limit + #places - 1, 'REV', 'WITHSCORES')
local skip = 0
if window[2] then
  local first = tonumber(window[2])
  for i = 1, #places do
    if places[i] > first then
      skip = skip + 1
    end
  end
else
  redis.call('EXISTS', KEYS[1], library) -- fails where a slot moves and either is not here
end

local ids, names = {}, {}
for i = 1, #window, 2 do
  if not dead[window[i]] then
    if skip > 0 then
      skip = skip - 1
    elseif #ids < limit then
      ids[#ids + 1] = window[i]
      names[#ids] = ARGV[4] .. window[i]
    end
  end
end
if #ids == 0 then
  return reply
end
local first = #reply
local tracks = redis.pcall('MGET', unpack(names))
if tracks.err then
  for i = 1, #names do
    local track = redis.pcall('GET', names[i])
    tracks[i] = type(track) == 'string' and track
  end
end
for i = 1, #ids do -- also where a text is nil
  reply[first + 2 * i - 1], reply[first + 2 * i] = ids[i], tracks[i]
end
return reply

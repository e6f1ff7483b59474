-- Reports whether the store knows nothing yet of saves of one user, and their
-- tracks live: so it is when they are imported for the first time.
--
-- KEYS[1 …] the tracks of all saves, then the savers of each of them
-- ARGV[1]   encoded id of the user
--
-- RETURNS 'OK' | 'CHANGED': of one of the saves, or of its track, something else
--         is to be said
-- At most 1 command, and one for each save. Writes nothing.

local user, removed, count = ARGV[1], '!' .. ARGV[1], #KEYS / 2
local texts = redis.call('MGET', unpack(KEYS, 1, count))
for i = 1, count do
  if not texts[i] or string.byte(texts[i]) == 33 then -- '!': see schema.Track
    return 'CHANGED'
  end
  local times = redis.call('ZMSCORE', KEYS[count + i], user, removed)
  if times[1] or times[2] then
    return 'CHANGED'
  end
end
return 'OK'

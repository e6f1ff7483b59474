-- Reports whether the store knows nothing yet of saves of one user, and their
-- tracks live: so it is when they are imported for the first time.
--
-- KEYS[1, 2 …] of each save: the track, its savers
-- ARGV[1]      encoded id of the user
--
-- RETURNS 'OK' | 'CHANGED': of one of the saves, or of its track, something else
--         is to be said
-- At most 2 commands for each save. Writes nothing.

local user, removed = ARGV[1], '!' .. ARGV[1]
for i = 1, #KEYS, 2 do
  local track = redis.call('GET', KEYS[i])
  if not track or string.byte(track) == 33 then -- '!': see schema.Track
    return 'CHANGED'
  end
  local times = redis.call('ZMSCORE', KEYS[i + 1], user, removed)
  if times[1] or times[2] then
    return 'CHANGED'
  end
end
return 'OK'

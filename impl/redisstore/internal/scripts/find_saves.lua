-- Reports whether the store knows nothing yet of saves of one user, and their
-- tracks live: so it is when they are imported for the first time.
--
-- KEYS[1]   the organization, for the numbers of the saves
-- KEYS[2]   users of the organization with a library
-- KEYS[3 …] the tracks of all saves, then the savers of each of them
-- ARGV[1]   encoded id of the user
--
-- RETURNS {'OK' | 'CHANGED', number of the organization's last save}; CHANGED: of
--         one of the saves, or of its track, something else is to be said
-- At most 3 commands, and one for each save. Writes nothing.

local user, removed, count = ARGV[1], '!' .. ARGV[1], (#KEYS - 2) / 2
local last = redis.call('HGET', KEYS[1], 'saves') or '0'
local texts = redis.call('MGET', unpack(KEYS, 3, 2 + count))
for i = 1, count do
  if not texts[i] or string.byte(texts[i]) == 33 then -- '!': see schema.Track
    return {'CHANGED', last}
  end
end
if redis.call('ZSCORE', KEYS[2], user) then -- otherwise the user has never saved anything here
  for i = 3 + count, #KEYS do
    local times = redis.call('ZMSCORE', KEYS[i], user, removed)
    if times[1] or times[2] then
      return {'CHANGED', last}
    end
  end
end
return {'OK', last}

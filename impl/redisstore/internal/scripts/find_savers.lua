-- Tells which users have ever saved a track of an organization: the store knows
-- nothing of the saves of any other.
--
-- KEYS[1]  the organization, for the numbers of the saves
-- KEYS[2]  users of the organization with a library
-- ARGV[1…] encoded ids of users
--
-- RETURNS {'OK', number of the organization's last save, encoded id of a user
--         that has, …}
-- 2 commands. Writes nothing.

local reply = {'OK', redis.call('HGET', KEYS[1], 'saves') or '0'}
local places = redis.call('ZMSCORE', KEYS[2], unpack(ARGV))
for i = 1, #ARGV do
  if places[i] then
    reply[#reply + 1] = ARGV[i]
  end
end
return reply

-- Reports whether a key belongs to a member of the organization.
--
-- KEYS[1] ring of the organization
-- ARGV[1] field of the caller's key in the ring
--
-- RETURNS 'OK' | 'NO_KEY'
-- At most 1 command. Writes nothing.

local user = redis.call('HGET', KEYS[1], ARGV[1])
if not user or user == '' then
  return 'NO_KEY'
end
return 'OK'

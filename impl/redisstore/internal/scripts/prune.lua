-- Takes a number of dead tracks out of one part of one library, oldest deletion
-- first, for a reader that met too many of them.
--
-- KEYS[1] dead tracks of the organization
-- KEYS[2] the part of the library
-- ARGV[1] number of the deletion after which to begin
-- ARGV[2] how many, at most
--
-- RETURNS {'OK', number of the last deletion looked at}
-- 2 commands. A dead track never comes back into a library, so repeating this
-- changes nothing.

local gone = redis.call('ZRANGE', KEYS[1], '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
if #gone == 0 then
  return {'OK', ARGV[1]}
end
local tracks = {}
for i = 1, #gone, 2 do
  tracks[#tracks + 1] = gone[i]
end
redis.call('ZREM', KEYS[2], unpack(tracks))
return {'OK', gone[#gone]}

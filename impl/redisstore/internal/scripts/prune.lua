-- Takes a number of dead tracks out of one part of one library, oldest deletion
-- first, for a reader that met too many of them.
--
-- KEYS[1] dead tracks of the organization
-- KEYS[2] the part of the library
-- ARGV[1] number of the deletion after which to begin
-- ARGV[2] how many, at most
-- ARGV[3] the key that keeps, for each part of a library, up to which deletion
--         that was done: not in KEYS, as it need not be there (see moving.go)
-- ARGV[4] the part of the library in it
--
-- RETURNS {'OK', number of the last deletion looked at}
-- At most 3 commands. A dead track never comes back into a library, so repeating this
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
redis.pcall('HSET', ARGV[3], ARGV[4], gone[#gone]) -- without it the next reader does this again
return {'OK', gone[#gone]}

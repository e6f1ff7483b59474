-- KEYS: the caller's library, the organization's members
-- ARGV: user, offset, last, prefix of the tracks' keys
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 then
  return false
end
local items = {}
for _, id in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3], 'REV')) do
  local track = redis.call('HMGET', ARGV[4] .. id, 'deleted_at', 'title', 'engine', 'mode', 'licence', 'created_at')
  if not track[1] then
    track[1] = id
    items[#items + 1] = track
  end
end
return items

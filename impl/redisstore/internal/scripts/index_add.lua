-- Adds names to an index of things that exist, each once, in their order.
--
-- KEYS[1]  zset: name → its place, from 0
-- ARGV[1…] names, at most 100
--
-- RETURNS 'OK'
-- At most 3 commands for each name. Names may be removed; the next free place is
-- the one behind the last name.

for i = 1, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
    redis.call('ZADD', KEYS[1], last[2] and last[2] + 1 or 0, ARGV[i])
  end
end
return 'OK'

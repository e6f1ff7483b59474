-- Adds names to an index of things that exist, each once, in their order.
--
-- KEYS[1]  zset: name → its place, from 0
-- ARGV[1…] names, at most 100
--
-- RETURNS {'OK'}
-- At most 3 commands for each name. Names are never removed, so the number of
-- names is always the next free place.

for i = 1, #ARGV do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    redis.call('ZADD', KEYS[1], redis.call('ZCARD', KEYS[1]), ARGV[i])
  end
end
return {'OK'}

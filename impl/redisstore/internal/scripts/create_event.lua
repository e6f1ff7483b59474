-- Appends an event to a history, unless it is there.
--
-- KEYS[1] the history
-- ARGV[1] place of the event in it, from 1
-- ARGV[2] the event
--
-- RETURNS {'OK'} | {'EXISTS'} | {'GAP'}: the events before it are missing
-- At most 2 commands.

local length, place = redis.call('LLEN', KEYS[1]), tonumber(ARGV[1])
if length >= place then
  return {'EXISTS'}
end
if length < place - 1 then
  return {'GAP'}
end
redis.call('RPUSH', KEYS[1], ARGV[2])
return {'OK'}

-- Ends an alarm, if it is the one that is on.
--
-- KEYS[1] alarms   hash: id:ended → when
-- KEYS[2] on       hash: partner and kind → id of the alarm that is on
-- ARGV[1] partner and kind   ARGV[2] id   ARGV[3] when, RFC 3339
--
-- Reply: 1 it has ended now, 0 it was not on.
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[2] .. ':ended', ARGV[3])
return 1

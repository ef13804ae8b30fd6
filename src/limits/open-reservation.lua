-- Counts one more open reservation of a party, unless it has too many.
--
-- KEYS[1] reservations   zset: reservation by its end, ms of business time
-- KEYS[2] reserved       hash of its precheck: lender -> tokens that are reserved there (JSON)
-- ARGV[1] reservation   ARGV[2] its end, ms   ARGV[3] business time now, ms   ARGV[4] limit   ARGV[5] seconds to keep both
-- ARGV[6] lender   ARGV[7] tokens (JSON)
--
-- Reply: 1 counted (also when it was before), 0 there are too many.
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('HSET', KEYS[2], ARGV[6], ARGV[7])
redis.call('EXPIRE', KEYS[2], ARGV[5])
return 1

-- Takes a delivery that was given up, up again, at its old place in the order of its application.
--
-- KEYS[1] dead   KEYS[2] dead of the lender   KEYS[3] queue   KEYS[4] waiting of the lender   KEYS[5] outbox of the lender
-- KEYS[6] lanes
-- ARGV[1] delivery   ARGV[2] its place   ARGV[3] now, ms   ARGV[4] application   ARGV[5] lender
--
-- Reply: 1 done, 0 it is not dead.
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[3], ARGV[2], ARGV[1])
redis.call('ZADD', KEYS[4], ARGV[2], ARGV[1])
local score = tonumber(redis.call('ZSCORE', KEYS[5], ARGV[4]) or '')
-- What is being sent now is finished first.
if score and math.floor((score - math.floor(score)) * 1024 + 0.5) % 2 == 1 then return 1 end
redis.call('ZADD', KEYS[5], ARGV[3], ARGV[4])
redis.call('ZADD', KEYS[6], 'LT', ARGV[3], ARGV[5])
return 1

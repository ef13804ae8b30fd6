-- Makes a claimed application due again, unless somebody else has it by now.
--
-- KEYS[1] outbox of the lender   zset: application by due score
-- KEYS[2] lanes                  zset: lender by when the first of its deliveries is due
-- ARGV[1] application   ARGV[2] score of the claim   ARGV[3] new score   ARGV[4] lender
--
-- Reply: 1 done, 0 it is not claimed by us any more.
local held = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not held or tonumber(held) ~= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[1])
redis.call('ZADD', KEYS[2], 'LT', ARGV[3], ARGV[4])
return 1

-- Makes a click that was held billable, once: with the event that it would have had.
--
-- KEYS[1] what became of the click (hash)   KEYS[2] log of its shard
-- ARGV[1] finding that held it   ARGV[2] event (JSON)   ARGV[3] wake channel   ARGV[4] shard   ARGV[5] ms to keep the mark
--
-- Reply: 1 billable now, 0 it was made so before.
if redis.call('HSETNX', KEYS[1], 'restored', ARGV[1]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[5], 'NX')
redis.call('XADD', KEYS[2], '*', 'e', ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return 1

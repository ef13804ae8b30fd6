-- Keeps what is known of an application's funder, and counts it, if nobody was faster.
--
-- KEYS[1] funded   hash: application -> record (JSON)
-- KEYS[2] reached  hash: counters of applicants
-- ARGV[1] application   ARGV[2] record that the new one was made from ('' = there was none)   ARGV[3] new record
-- ARGV[4] counter to raise by one ('' = none)
--
-- Reply: 1 written, 0 another has written since: the same call after a lost reply, or a worker that took the shard over.
if (redis.call('HGET', KEYS[1], ARGV[1]) or '') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if ARGV[4] ~= '' then redis.call('HINCRBY', KEYS[2], ARGV[4], 1) end
return 1

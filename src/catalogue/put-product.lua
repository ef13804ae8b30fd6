-- Replaces the record of one product and appends the event that tells it, or nothing at all.
--
-- KEYS[1] products  hash of the shard: product id -> record (JSON), #revision
-- KEYS[2] log       stream of the shard
-- ARGV[1] product id   ARGV[2] record as the caller has read it ('' = there is none)   ARGV[3] new record
-- ARGV[4] event, JSON ('' = nothing to tell)   ARGV[5] wake channel   ARGV[6] catalogue channel   ARGV[7] shard number
--
-- Reply: {1, new record} written; {0, record} somebody else was first, nothing written.
local stored = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if stored ~= ARGV[2] then return { 0, stored } end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('HINCRBY', KEYS[1], '#revision', 1)
if ARGV[4] ~= '' then
  redis.call('XADD', KEYS[2], '*', 'e', ARGV[4])
  redis.call('PUBLISH', ARGV[5], ARGV[7])
end
redis.call('PUBLISH', ARGV[6], ARGV[7])
return { 1, ARGV[3] }

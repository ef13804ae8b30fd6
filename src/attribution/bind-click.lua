-- Notes that a click belongs to a subject, with the event that carries it to the subject's own shards.
-- KEYS[1] click (hash)   KEYS[2] log of its shard
-- ARGV[1] field that stands for these tokens   ARGV[2] when, RFC 3339   ARGV[3] event as JSON
-- ARGV[4] wake channel   ARGV[5] shard
-- Reply: 1 bound now, 0 bound before, -1 no such click
if redis.call('HEXISTS', KEYS[1], 'doc') == 0 then return -1 end
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', 'e', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1

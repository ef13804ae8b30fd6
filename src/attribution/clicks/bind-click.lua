-- Notes that a click belongs to a subject, with the event that carries it to the subject's own shards.
-- KEYS[1] what became of the click (hash)   KEYS[2] event log of its shard
-- ARGV[1] field that stands for these tokens   ARGV[2] when, RFC 3339   ARGV[3] event as JSON
-- ARGV[4] wake channel   ARGV[5] shard   ARGV[6] how long a click is kept, ms
-- Reply: 1 bound now, 0 bound before
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[6], 'NX')
redis.call('XADD', KEYS[2], '*', 'e', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1

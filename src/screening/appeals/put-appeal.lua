-- Writes an appeal and what it is found by, unless somebody wrote it since it was read.
-- KEYS[1] document (hash: v, doc)   KEYS[2] all appeals by opening   KEYS[3] undecided ones by when to look again
-- KEYS[4] "party|opening|id" by text   KEYS[5] "entry|id" by text: entries that it keeps suspended
-- ARGV[1] version that was read (0 = it must not exist)   ARGV[2] document   ARGV[3] id   ARGV[4] opened, ms
-- ARGV[5] when to look again, ms ('' = never)   ARGV[6] number p of parties, then p members
-- then the number g of entries that are kept suspended, g members, and members that no longer are
-- Reply: 1 written; 0 another version is there
local version = tonumber(redis.call('HGET', KEYS[1], 'v')) or 0
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'v', version + 1, 'doc', ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[3])
if ARGV[5] == '' then redis.call('ZREM', KEYS[3], ARGV[3]) else redis.call('ZADD', KEYS[3], ARGV[5], ARGV[3]) end
local at = 7
for _ = 1, tonumber(ARGV[6]) do
  redis.call('ZADD', KEYS[4], 0, ARGV[at])
  at = at + 1
end
local guarded = tonumber(ARGV[at])
for place = at + 1, #ARGV do
  if place <= at + guarded then redis.call('ZADD', KEYS[5], 0, ARGV[place]) else redis.call('ZREM', KEYS[5], ARGV[place]) end
end
return 1

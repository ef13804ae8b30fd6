-- Writes the document of a list entry, unless somebody wrote it since it was read.
-- KEYS[1] document (hash: v, doc)   ARGV[1] version that was read (0 = none)   ARGV[2] document   ARGV[3] lifetime in ms ('' = for ever)
-- Reply: 1 written; 0 another version is there
local version = tonumber(redis.call('HGET', KEYS[1], 'v')) or 0
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'v', version + 1, 'doc', ARGV[2])
if ARGV[3] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return 1

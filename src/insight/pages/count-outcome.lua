-- Counts what became of a click's applications, each outcome once a click, however often and in whatever order it is told.
-- KEYS[1] outcomes (hash: click → letters)   KEYS[2] counters of variants (hash); one slot
-- ARGV[1] click   ARGV[2] letter of the outcome   ARGV[3] '<split>|<variant>|<step>'
-- Reply: 1 counted, 0 it had been before
local known = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if string.find(known, ARGV[2], 1, true) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], known .. ARGV[2])
redis.call('HINCRBY', KEYS[2], ARGV[3], 1)
return 1

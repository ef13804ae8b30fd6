-- Takes a document off the record once its file is gone.
-- KEYS[1] record (hash)   KEYS[2] uses (hash)   KEYS[3] documents by when to look at them again (zset)
-- KEYS[4] pointer: id of the document with these bytes (string)
-- ARGV[1] document id
-- Reply: 1 forgotten (or it was), 0 it is not to be removed
local state = redis.call('HGET', KEYS[1], 'state')
if state == 'stored' then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
if redis.call('GET', KEYS[4]) == ARGV[1] then redis.call('DEL', KEYS[4]) end
return 1

-- Keeps how far a bulk import has come, as long as no other process has taken it over.
-- KEYS[1] import (hash: owner, state)   ARGV[1] owner   ARGV[2] state (JSON)   ARGV[3] 1 = take it over   ARGV[4] lifetime, s
-- Reply: 1 kept; 0 it is another's
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[1] and ARGV[3] ~= '1' then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'state', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1

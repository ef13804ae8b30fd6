-- Gives a scope and contributor their small number, the same for ever.
-- KEYS[1] sources (hash: s<name> → number, n<number> → name, last)   ARGV[1] name   ARGV[2] highest number
-- Reply: the number; 0 when all are taken
local number = redis.call('HGET', KEYS[1], 's' .. ARGV[1])
if number then return tonumber(number) end
local last = tonumber(redis.call('HGET', KEYS[1], 'last')) or 0
if last >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'last', last + 1, 's' .. ARGV[1], last + 1, 'n' .. (last + 1), ARGV[1])
return last + 1

-- Takes one delivery for the operation that has just made it: if nothing of its application waits before it, nobody has it,
-- and it was never tried.
--
-- KEYS[1] outbox of the lender   zset: application by due time, attempts (4/1024), held (2/1024), claimed (1/1024)
-- KEYS[2] queue                  zset: deliveries of the application in order
-- ARGV[1] application   ARGV[2] delivery   ARGV[3] due again at, ms, should the sender be lost
--
-- Reply: {'claimed', score as it was, score now}; {'busy'} it waits for something; {'gone'} it is not there.
if not redis.call('ZSCORE', KEYS[2], ARGV[2]) then return { 'gone' } end
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or redis.call('ZRANGE', KEYS[2], 0, 0)[1] ~= ARGV[2] then return { 'busy' } end
local due = tonumber(score)
if due ~= math.floor(due) then return { 'busy' } end
local claimed = string.format('%.17g', tonumber(ARGV[3]) + 1 / 1024)
redis.call('ZADD', KEYS[1], 'XX', claimed, ARGV[1])
return { 'claimed', score, claimed }

-- The books of a sandbox lender that have something due, for reporting. Up to this instant they are settled: whatever the
-- lender is told from now on happens later, so a book that is reported and changed at the same time stays one story.
--
-- KEYS[1] books  hash: application id → book    KEYS[2] horizons  hash: application id → ms
-- KEYS[3] due    zset: application id by time    KEYS[4] sent      hash: application id → transmissions answered
-- ARGV[1] now in ms  ARGV[2] how many
--
-- Reply: for each an application id, its book, its number of answered transmissions.
local rows = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])) do
  local horizon = tonumber(redis.call('HGET', KEYS[2], id) or '0')
  if tonumber(ARGV[1]) > horizon then redis.call('HSET', KEYS[2], id, ARGV[1]) end
  rows[#rows + 1] = { id, redis.call('HGET', KEYS[1], id), redis.call('HGET', KEYS[4], id) or '0' }
end
return rows

-- Makes what waits for a later attempt due now, in the order of its coming: the core is back.
--
-- KEYS[1] waiting of the lender   zset: delivery by the microsecond of its coming
-- KEYS[2] outbox of the lender    zset: application by due time, attempts (4/1024), held (2/1024), claimed (1/1024)
-- KEYS[3] deliveries              hash: delivery → kind|application|lender…
-- KEYS[4] lanes                   zset: lender by when the first of its deliveries is due
-- ARGV[1] now, ms   ARGV[2] after this place   ARGV[3] look at so many   ARGV[4] lender
--
-- Reply: {place of the last one looked at ('' = there were no more), how many were moved}
local seen = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
local moved = 0
for at = 1, #seen, 2 do
  local text = redis.call('HGET', KEYS[3], seen[at])
  local application = text and text:match('^[^|]*|([^|]*)')
  local score = application and tonumber(redis.call('ZSCORE', KEYS[2], application) or '')
  if score and score >= tonumber(ARGV[1]) + 1 then
    local units = math.floor((score - math.floor(score)) * 1024 + 0.5)
    if units % 4 == 0 then
      local due = math.min(math.floor(tonumber(seen[at + 1]) / 1000), tonumber(ARGV[1]))
      redis.call('ZADD', KEYS[2], 'XX', string.format('%.17g', due + units / 1024), application)
      redis.call('ZADD', KEYS[4], 'LT', due, ARGV[4])
      moved = moved + 1
    end
  end
end
return { seen[#seen] or '', moved }

-- Adds what was counted of one partner's links, once.
--
-- Clicks and events of a shard come in order, and may come again; hence one mark a source. Whoever adds says which mark it
-- went on from; when that is not the one that is there, nothing is added and it is told the one that is there.
--
-- A ring is a string of RING_DAYS days of DAY_SLOTS numbers of 32 bits; the first number of a day is the day's own, so that
-- a place which an old day has held is wiped when a new day comes to it. Heavy hitters are counted by "space-saving"
-- (Metwally, Agrawal, El Abbadi 2005): a newcomer takes the place and the count of the smallest.
--
-- KEYS[1] marks   hash: source → place of the last thing counted
-- further KEYS by their number in ARGV[4]: rings, and sorted sets of heavy hitters
-- ARGV[1] source   ARGV[2] mark gone on from ('' = none)   ARGV[3] mark after this
-- ARGV[4] JSON: { rings: [[key, [[day, slot, amount, slot, amount, …], …]], …], tops: [[key, [id, amount, …]], …] }
-- ARGV[5] days of a ring   ARGV[6] numbers of a day   ARGV[7] seconds to keep a ring   ARGV[8] seconds to keep heavy hitters
-- ARGV[9] heavy hitters of one set, at most
--
-- Reply: '' added, else the mark that is there ('-' = none).
local mark = redis.call('HGET', KEYS[1], ARGV[1])
if (mark or '') ~= ARGV[2] then return mark or '-' end
local plan = cjson.decode(ARGV[4])
local ring_days, day_slots, top_size = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[9])

for _, ring in ipairs(plan.rings) do
  local key = KEYS[ring[1]]
  -- Written at its end first, it gets its size at once.
  if redis.call('EXISTS', key) == 0 then redis.call('SETRANGE', key, ring_days * day_slots * 4 - 1, '\0') end
  for _, add in ipairs(ring[2]) do
    local base = (add[1] % ring_days) * day_slots
    local stamp = redis.call('BITFIELD', key, 'GET', 'u32', '#' .. base)[1]
    if stamp < add[1] then
      redis.call('SETRANGE', key, base * 4, string.rep('\0', day_slots * 4))
      redis.call('BITFIELD', key, 'SET', 'u32', '#' .. base, add[1])
    end
    -- What comes later than the ring is long is not counted.
    if stamp <= add[1] then
      local ops = { 'OVERFLOW', 'SAT' }
      for at = 2, #add, 2 do
        local n = #ops
        ops[n + 1], ops[n + 2], ops[n + 3], ops[n + 4] = 'INCRBY', 'u32', '#' .. (base + add[at]), add[at + 1]
      end
      redis.call('BITFIELD', key, unpack(ops))
    end
  end
  redis.call('EXPIRE', key, ARGV[7])
end

for _, top in ipairs(plan.tops) do
  local key = KEYS[top[1]]
  local size = redis.call('ZCARD', key)
  for at = 1, #top[2], 2 do
    local id, amount = top[2][at], top[2][at + 1]
    if redis.call('ZSCORE', key, id) then
      redis.call('ZINCRBY', key, amount, id)
    elseif size < top_size then
      redis.call('ZADD', key, amount, id)
      size = size + 1
    else
      local least = redis.call('ZPOPMIN', key)
      redis.call('ZADD', key, least[2] + amount, id)
    end
  end
  redis.call('EXPIRE', key, ARGV[8])
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return ''

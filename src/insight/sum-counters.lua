-- Adds up the counters of any number of hashes of one partner.
--
-- KEYS[1] first   and the others: hashes, measure -> integer; one that is not there adds nothing
--
-- Reply: measure, sum, measure, sum …
local sums = {}
local function add(key)
  local counters = redis.call('HGETALL', key)
  for at = 1, #counters, 2 do
    sums[counters[at]] = (sums[counters[at]] or 0) + tonumber(counters[at + 1])
  end
end

add(KEYS[1])
for at = 2, #KEYS do add(KEYS[at]) end
local reply = {}
for measure, sum in pairs(sums) do
  reply[#reply + 1] = measure
  -- An integer beyond 10^14 would otherwise be written with an exponent.
  reply[#reply + 1] = string.format('%.0f', sum)
end
return reply

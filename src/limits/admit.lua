-- Lets verified requests of one party in, in their order: each within the party's rate, and with a nonce not seen before; or
-- remembers and counts nothing of it.
--
-- KEYS[1] rate    string: theoretical arrival time of the next request (gcra.ts: time counted in requests)
-- KEYS[2…] nonces   strings, one a request, each until its signature has expired
-- ARGV[1] requests a second   ARGV[2] burst   ARGV[3…] seconds for which each nonce is remembered
--
-- Reply, one integer a request: 1 or more: let in; so much of the burst is used then, in thousandths of a request
--                               0: the nonce was seen before
--                               less than 0: over the rate; so much is missing for one request, in thousandths
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = (time[1] + time[2] / 1000000) * rate
local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
-- Further ahead than the burst it is only after the clock was set back or the burst was lowered.
local arrival = math.min(math.max(stored, now), now + burst)
local is_changed = stored > arrival
local replies = {}
for at = 2, #KEYS do
  local over = arrival + 1 - now - burst
  if over > 0 then
    replies[at - 1] = redis.call('EXISTS', KEYS[at]) == 1 and 0 or -math.ceil(over * 1000)
  elseif redis.call('SET', KEYS[at], '', 'NX', 'EX', ARGV[at + 1]) then
    arrival = arrival + 1
    is_changed = true
    replies[at - 1] = math.ceil((arrival - now) * 1000)
  else
    replies[at - 1] = 0
  end
end
if is_changed then redis.call('SET', KEYS[1], arrival, 'PX', math.ceil((arrival - now) / rate * 1000)) end
return replies

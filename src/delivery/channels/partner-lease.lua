-- Takes, renews or gives up looking after a partner's deliveries.
-- KEYS[1] lease   ARGV[1] owner   ARGV[2] lifetime in ms (0 = give up)
-- Reply: 1 when the caller has it now.
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1

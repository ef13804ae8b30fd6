-- Notes who has seen to an alarm; the first one stays.
--
-- KEYS[1] alarms   hash: id → alarm (JSON), id:acknowledged → by, at, reason (JSON)
-- ARGV[1] id   ARGV[2] acknowledgement
--
-- Reply: 1 when there is such an alarm, else 0.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HSETNX', KEYS[1], ARGV[1] .. ':acknowledged', ARGV[2])
return 1

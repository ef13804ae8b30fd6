-- Takes a claim back from the application that owns it; anybody else's stays. One that was taken over from an ended owner
-- goes back there: its lock, and that the person is a settled customer, are known by it alone.
-- KEYS[1] claim   ARGV[1] application id   Reply: 1 released, 0 it was not this application's
local owner, ended = string.match(redis.call('GET', KEYS[1]) or '', '^([^|]*)|?(.*)$')
if owner ~= ARGV[1] then return 0 end
if ended == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ended) end
return 1

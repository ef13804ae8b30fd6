-- Takes a claim back from the application that owns it; anybody else's stays.
-- KEYS[1] claim   ARGV[1] application id   Reply: 1 released, 0 it was not this application's
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])

-- Reserves a subject at a lender for a partner, unless it is claimed or reserved by another one.
-- KEYS[1] claim (see take-claim.lua)   KEYS[2] hold
-- ARGV[1] reservation as JSON {precheck_id, partner_id, until_ms, …}   ARGV[2] partner id   ARGV[3] business time now, ms
-- ARGV[4] lifetime in ms of real time   ARGV[5] owner of a claim that has ended ('' = none)
-- Reply: {'placed'}; {'claimed', owner id}; {'held', until ms}
local owner = string.match(redis.call('GET', KEYS[1]) or '', '^[^|]*')
if owner ~= '' and owner ~= ARGV[5] then return { 'claimed', owner } end
local hold = redis.call('GET', KEYS[2])
if hold then
  local held = cjson.decode(hold)
  if held.partner_id ~= ARGV[2] and tonumber(held.until_ms) > tonumber(ARGV[3]) then
    return { 'held', string.format('%.0f', held.until_ms) }
  end
end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
return { 'placed' }

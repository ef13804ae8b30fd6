-- Gives a subject at a lender to an application, unless somebody else has it.
-- KEYS[1] claim (string: application id, and after a | the ended owner it was taken over from)
-- KEYS[2] hold (string: JSON of a precheck reservation)
-- ARGV[1] application id   ARGV[2] owner that may be replaced ('' = nobody)   ARGV[3] partner id ('' = the lender's own)
-- ARGV[4] business time now, ms
-- Reply: {'taken', ended owner or ''} the claim is the application's now (or was already); {'claimed', owner id};
-- {'held', until ms}
local owner, ended = string.match(redis.call('GET', KEYS[1]) or '', '^([^|]*)|?(.*)$')
if owner == ARGV[1] then return { 'taken', ended } end
if owner ~= '' and owner ~= ARGV[2] then return { 'claimed', owner } end
local hold = redis.call('GET', KEYS[2])
if hold and ARGV[3] ~= '' then
  local held = cjson.decode(hold)
  if held.partner_id ~= ARGV[3] and tonumber(held.until_ms) > tonumber(ARGV[4]) then
    return { 'held', string.format('%.0f', held.until_ms) }
  end
end
redis.call('SET', KEYS[1], owner == '' and ARGV[1] or ARGV[1] .. '|' .. owner)
return { 'taken', owner }

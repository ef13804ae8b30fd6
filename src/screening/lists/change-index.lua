-- Changes memberships of tokens in one shard of one index family (see index-layout.ts and membership.ts).
-- Buckets are hashes of this slot, named after the head: KEYS[1]:<number>. Which of them a change touches is known only
-- here, after n was read and while buckets split, so they cannot be declared; they share the declared key's slot.
-- KEYS[1] head (hash: n = buckets, size = fields in them, c<list and source><p|h> = memberships)
-- KEYS[2] receipts of an import (hash: r0, r1 = batch number:reply), see ARGV[5]
-- ARGV[1] put | remove | suspend | resume | sweep
-- ARGV[2] put: 16 bytes of token and 5 of membership, repeated. remove, suspend, resume: 16 bytes of token, 2 of list and
--         source, 1 flag (1 = asked in plain), repeated. sweep: first bucket
-- ARGV[3] put: fields a bucket may hold on average. sweep: buckets to look at
-- ARGV[4] put: buckets to grow to in advance, a few a call (0 = as the data grows). sweep: today as a day number
-- ARGV[5] number of an import's batch ('' = no import): the same batch again changes nothing and answers the same
-- Reply: one letter a record: c created, u updated, s the same as before, p known in plain and may only be changed in plain,
-- r removed, n not there. sweep: { bucket to go on with or 0, token and membership in hex of what had details … }
local PLAIN, DETAILS, GROUP, SUSPENDED = 1, 2, 4, 8
local RECORD, CHUNK = 5, 60
local GROW_A_CALL = 32
local byte, sub, char, call = string.byte, string.sub, string.char, redis.call
local head, prefix, op, input = KEYS[1], KEYS[1] .. ':', ARGV[1], ARGV[2]

if ARGV[5] ~= '' then
  local receipt = call('HGET', KEYS[2], 'r' .. ARGV[5] % 2)
  local number, reply = string.match(receipt or '', '^(%d+):(.*)$')
  if number == ARGV[5] then return reply end
end

local n = tonumber(call('HGET', head, 'n')) or 0
local m, level = 1, 0
while m * 2 <= n do m, level = m * 2, level + 1 end
local grown, counts = 0, {}

-- The number that a token's bucket follows from: bytes 2 to 5, the first has chosen the shard.
local function spread(token)
  local a, b, c, d = byte(token, 2, 5)
  return a + b * 256 + c * 65536 + d * 16777216
end

local function bucketOf(token)
  local at = spread(token) % (m * 2)
  if at >= n then at = at - m end
  return prefix .. at
end

local function count(lists, attributes, by)
  local name = 'c' .. (byte(lists, 1) * 256 + byte(lists, 2)) .. (attributes % 2 == PLAIN and 'p' or 'h')
  counts[name] = (counts[name] or 0) + by
end

-- A value of 12 memberships is full and goes on under the token and a further byte: a value over 64 bytes would make
-- the whole bucket a hash table.
local function load(bucket, token)
  local all, chunk, part = '', call('HGET', bucket, token), 0
  while chunk do
    all, part = all .. chunk, part + 1
    chunk = #chunk == CHUNK and call('HGET', bucket, token .. char(part))
  end
  return all
end

local function save(bucket, token, before, after)
  local old, new = math.ceil(before / CHUNK), math.ceil(#after / CHUNK)
  for part = 0, math.max(old, new) - 1 do
    local field = part == 0 and token or token .. char(part)
    if part < new then
      call('HSET', bucket, field, sub(after, part * CHUNK + 1, part * CHUNK + CHUNK))
    else
      call('HDEL', bucket, field)
    end
  end
  grown = grown + new - old
end

local function find(all, lists)
  for at = 1, #all, RECORD do
    if sub(all, at, at + 1) == lists then return at end
  end
end

local function put(token, membership)
  local bucket = bucketOf(token)
  local lists = sub(membership, 1, 2)
  if call('HSETNX', bucket, token, membership) == 1 then
    grown = grown + 1
    count(lists, byte(membership, 3), 1)
    return 'c'
  end
  local all = load(bucket, token)
  local at = find(all, lists)
  if not at then
    save(bucket, token, #all, all .. membership)
    count(lists, byte(membership, 3), 1)
    return 'c'
  end
  local old, new = byte(all, at + 2), byte(membership, 3)
  local isPlain, wasPlain = new % 2 == PLAIN, old % 2 == PLAIN
  -- Who appealed stays suspended, and what has details keeps them; only who knows the details changes the group.
  local flags = bit.bor(new, bit.band(old, bit.bor(SUSPENDED, DETAILS)))
  if bit.band(new, DETAILS) == 0 then flags = bit.bor(flags, bit.band(old, GROUP)) end
  if wasPlain and not isPlain then flags = flags + PLAIN end
  local merged = lists .. char(flags) .. sub(membership, 4)
  if merged == sub(all, at, at + RECORD - 1) then return 's' end
  if wasPlain and not isPlain then return 'p' end
  save(bucket, token, #all, sub(all, 1, at - 1) .. merged .. sub(all, at + RECORD))
  if isPlain ~= wasPlain then count(lists, old, -1) count(lists, flags, 1) end
  return 'u'
end

local function amend(token, lists, isPlain)
  local bucket = bucketOf(token)
  local all = load(bucket, token)
  local at = find(all, lists)
  if not at then return 'n' end
  local flags = byte(all, at + 2)
  if flags % 2 == PLAIN and not isPlain then return 'p' end
  if op == 'remove' then
    save(bucket, token, #all, sub(all, 1, at - 1) .. sub(all, at + RECORD))
    count(lists, flags, -1)
    return 'r'
  end
  local changed = op == 'suspend' and bit.bor(flags, SUSPENDED) or bit.band(flags, 255 - SUSPENDED)
  if changed == flags then return 's' end
  save(bucket, token, #all, sub(all, 1, at + 1) .. char(changed) .. sub(all, at + 3))
  return 'u'
end

-- Linear hashing: bucket n - m gives what belongs there to a new bucket n. Each bucket says under '' how many bits of the
-- spread its tokens share, so that a reader who knows an older n sees that it must look elsewhere.
local function split()
  local from, to = n - m, n
  local all = call('HGETALL', prefix .. from)
  local stay, go = { '', level + 1 }, { '', level + 1 }
  for at = 1, #all, 2 do
    local field = all[at]
    if field ~= '' then
      local side = spread(field) % (m * 2) == from and stay or go
      side[#side + 1], side[#side + 2] = field, all[at + 1]
    end
  end
  call('DEL', prefix .. from)
  call('HSET', prefix .. from, unpack(stay))
  call('HSET', prefix .. to, unpack(go))
  n = n + 1
  if n == m * 2 then m, level = n, level + 1 end
end

local function hex(text)
  return (string.gsub(text, '.', function(one) return string.format('%02x', byte(one)) end))
end

local function sweep()
  local today, last = tonumber(ARGV[4]), math.min(n, input + ARGV[3]) - 1
  local reply = { last + 1 < n and last + 1 or 0 }
  for number = tonumber(input), last do
    local bucket = prefix .. number
    local all = call('HGETALL', bucket)
    for at = 1, #all, 2 do
      -- What goes on under a further byte is looked at with its first part.
      if #all[at] == 16 then
        local token, before, after = all[at], load(bucket, all[at]), {}
        for place = 1, #before, RECORD do
          local day = byte(before, place + 3) * 256 + byte(before, place + 4)
          local one = sub(before, place, place + RECORD - 1)
          if day == 0 or day >= today then
            after[#after + 1] = one
          else
            count(sub(one, 1, 2), byte(one, 3), -1)
            if bit.band(byte(one, 3), DETAILS) ~= 0 then reply[#reply + 1] = hex(token .. one) end
          end
        end
        if #after * RECORD < #before then save(bucket, token, #before, table.concat(after)) end
      end
    end
  end
  return reply
end

local reply
if op == 'sweep' then
  reply = n == 0 and { 0 } or sweep()
else
  local letters = {}
  if op == 'put' then
    if n == 0 then
      n = 1
      call('HSET', prefix .. 0, '', 0)
      call('HSET', head, 'n', 1)
    end
    for at = 1, #input, 21 do
      letters[#letters + 1] = put(sub(input, at, at + 15), sub(input, at + 16, at + 20))
    end
  elseif n > 0 then
    for at = 1, #input, 19 do
      letters[#letters + 1] = amend(sub(input, at, at + 15), sub(input, at + 16, at + 17), byte(input, at + 18) == 1)
    end
  else
    letters[1] = string.rep('n', #input / 19)
  end
  reply = table.concat(letters)
end

if grown ~= 0 or op == 'put' then
  local size, before = call('HINCRBY', head, 'size', grown), n
  if op == 'put' then
    local enough = math.max(math.ceil(size / ARGV[3]), math.min(tonumber(ARGV[4]), n + GROW_A_CALL))
    while n < enough do split() end
  end
  if n > before then call('HSET', head, 'n', n) end
end
for name, by in pairs(counts) do
  if by ~= 0 and call('HINCRBY', head, name, by) == 0 then call('HDEL', head, name) end
end
if ARGV[5] ~= '' then
  call('HSET', KEYS[2], 'r' .. ARGV[5] % 2, ARGV[5] .. ':' .. reply)
  call('EXPIRE', KEYS[2], 2592000)
end
return reply

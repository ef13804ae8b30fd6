-- Appends to one counterparty's ledger and changes everything that hangs on it, or does nothing at all.
--
-- Whoever appends has read `rev` before anything else that the posting was computed from (chain head, counters, once
-- keys, lines, periods). Every append sets a `rev` that no other has had; so an unchanged `rev` proves that all of it is still
-- true, and the next part of a batch, sent before this one is answered, only happens if this one has.
-- A repeated call after a lost reply finds another `rev`, writes nothing, and the caller then finds its own transfers.
--
-- KEYS[1] ledger        stream, id = <seq>-0, field e = entry (JSON)
-- KEYS[2] book          hash: rev, seq, head, open|<contract>, count|<counter>, link|<code>|<currency>,
--                       moved|<contract>|<period>|<what>
-- KEYS[3] balances      hash: account -> minor units (int64: HINCRBY is exact)
-- KEYS[4] lines         hash: commission id -> JSON
-- KEYS[5] lines:period  zset by text: <contract>|<period>|<payable_at>|<commission id>: what a statement lists, in its order
-- KEYS[6] objects       hash: <application or loan id> -> commission id of its first line; <id>|n -> how many more it has,
--                       <id>|1 … -> those
-- KEYS[7] lines:time    zset by text: <occurred_at>|<commission id>
-- KEYS[8] once          hash: once key -> commission id
-- KEYS[9] holds         zset: commission id by release time (ms)
-- KEYS[10] periods      hash: <contract>|<period> -> JSON
-- KEYS[11] statements   hash: statement id -> JSON
-- KEYS[12] transfers    hash: transfer id -> seq of its entry; event id -> seq of the head after it
-- KEYS[13] loans        hash: loan id -> JSON
-- KEYS[14] terms        hash: terms id -> fingerprint of the content that it priced with
-- KEYS[15] settlements  hash: statement id -> JSON
-- KEYS[16] payments     hash: payment id -> JSON
-- KEYS[17] disputes     hash: dispute id -> JSON
-- KEYS[18] feed         stream, field e = what the counterparty is told (JSON): told by the same script that books it
-- KEYS[19] margin       hash: month, bucket, currency, partner, product, lender, funder, link -> minor units (int64)
-- KEYS[20] snapshots    hash: k -> JSON [seq, account, minor units, …]: balances after the first append that reached 1024 k
--
-- ARGV[1] rev that the caller has read ('0' = there is no book yet)
-- ARGV[2] rev that this append sets
-- ARGV[3] number of entries n; ARGV[4] seq of the head that they follow; then two values each: transfer id, entry JSON; the
--         chain is the caller's work
-- ARGV    hash of the last entry ('' = no entries, the head stays)
-- then any number of runs: command, index of the key, count of values, values
--   HSET k (field value)… | HSETNX k (field value)… | HDEL k field… | HINCRBY k (field delta)…
--   ZADD k (score member)… | ZREM k member… | XADD k json… | LIST k (list item)…: one more item at the end of a list (see objects)
--
-- Reply: {1, rev} written; {0, rev} somebody else was first; {2, transfer id} that transfer is in the ledger already.
-- {3, field} that sum would leave int64. Nothing was written but in the first case.
local rev = redis.call('HGET', KEYS[2], 'rev') or '0'
if rev ~= ARGV[1] then return { 0, rev } end

local SNAPSHOT_EVERY = 1024
local count, before = tonumber(ARGV[3]), tonumber(ARGV[4])
local first, last = 5, 4 + count * 2
for at = first, last, 2 do
  if redis.call('HEXISTS', KEYS[12], ARGV[at]) == 1 then return { 2, ARGV[at] } end
end
local key = {
  KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13],
  KEYS[14], KEYS[15], KEYS[16], KEYS[17], KEYS[18], KEYS[19],
}
-- HINCRBY fails beyond int64, and Redis undoes nothing of a script that fails half way: hence before anything is written.
-- Doubles are off by a thousandth of a billionth at most, the limit stays two per cent below.
local run = last + 2
while run <= #ARGV do
  local size = tonumber(ARGV[run + 2])
  if ARGV[run] == 'HINCRBY' then
    local where = key[tonumber(ARGV[run + 1])]
    for at = run + 3, run + 2 + size, 2 do
      local sum = tonumber(redis.call('HGET', where, ARGV[at]) or '0') + tonumber(ARGV[at + 1])
      if math.abs(sum) > 9e18 then return { 3, ARGV[at] } end
    end
  end
  run = run + 3 + size
end

local seq = before
for at = first, last, 2 do
  seq = seq + 1
  local place = string.format('%.0f', seq)
  redis.call('XADD', KEYS[1], place .. '-0', 'e', ARGV[at + 1])
  redis.call('HSET', KEYS[12], ARGV[at], place)
end
if count > 0 then redis.call('HSET', KEYS[2], 'seq', string.format('%.0f', seq), 'head', ARGV[last + 1]) end

run = last + 2
while run <= #ARGV do
  local command, where, size = ARGV[run], key[tonumber(ARGV[run + 1])], tonumber(ARGV[run + 2])
  local from, to = run + 3, run + 2 + size
  if command == 'XADD' then
    for at = from, to do redis.call('XADD', where, '*', 'e', ARGV[at]) end
  elseif command == 'LIST' then
    for at = from, to, 2 do
      if redis.call('HSETNX', where, ARGV[at], ARGV[at + 1]) == 0 then
        local n = redis.call('HINCRBY', where, ARGV[at] .. '|n', 1)
        redis.call('HSET', where, ARGV[at] .. '|' .. n, ARGV[at + 1])
      end
    end
  elseif command == 'HINCRBY' or command == 'HSETNX' then
    for at = from, to, 2 do redis.call(command, where, ARGV[at], ARGV[at + 1]) end
  else
    redis.call(command, where, unpack(ARGV, from, to))
  end
  run = run + 3 + size
end

-- Balances of every so many entries, so that those of any moment are found from near by.
local reached = math.floor(seq / SNAPSHOT_EVERY)
if reached > math.floor(before / SNAPSHOT_EVERY) then
  local snapshot = redis.call('HGETALL', KEYS[3])
  table.insert(snapshot, 1, string.format('%.0f', seq))
  redis.call('HSET', KEYS[20], string.format('%.0f', reached), cjson.encode(snapshot))
end
redis.call('HSET', KEYS[2], 'rev', ARGV[2])
return { 1, ARGV[2] }

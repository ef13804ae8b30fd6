import { simulate } from './simulate.ts';

const [first = '1', seconds = '20', steps = '300'] = process.argv.slice(2);
const end = Date.now() + Number(seconds) * 1000;
const total: Record<string, number> = {};
for (let n = Number(first); Date.now() < end; n += 1) {
  const t = Date.now();
  const played = await simulate(String(n), { steps: Number(steps) });
  for (const [k, v] of Object.entries(played.counts)) total[k] = (total[k] ?? 0) + v;
  process.stdout.write(
    `seed ${n} ${Date.now() - t} ms ${JSON.stringify(played.counts)} ${played.digest?.slice(0, 12)}\n`,
  );
  if (played.failure) {
    process.stdout.write(`FAILED at step ${played.failure.step}: ${played.failure.error.stack}\n`);
    for (const { step, text } of played.trail.slice(-8)) process.stdout.write(`  ${step} ${text}\n`);
    break;
  }
}
process.stdout.write(`total ${JSON.stringify(total)}\n`);
process.exit(0);

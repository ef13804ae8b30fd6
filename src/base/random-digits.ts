import { randomBytes } from 'node:crypto';

const POOL_BYTES = 4_096;

let pool = '';
let used = 0;

/** Random hex digits, each given out once. Drawn by the page: one system call for each few digits would be dear. */
export function randomDigits(count: number): string {
  if (used + count > pool.length) {
    pool = randomBytes(POOL_BYTES).toString('hex');
    used = 0;
  }
  used += count;
  return pool.slice(used - count, used);
}

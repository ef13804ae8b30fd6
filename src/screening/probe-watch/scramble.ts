/**
 * Under a random seed of the process, so that what is remembered in memory cannot be read there. No more than that: what
 * leaves the process is an HMAC.
 */

/** A bijection of 32-bit numbers: the finaliser of MurmurHash3 over number and seed. */
export function scrambleNumber(seed: number, value: number): number {
  let mixed = (value ^ seed) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** 52 bits of a text, from two multiplicative hashes side by side. */
export function scrambleText(seed: number, text: string): number {
  let [left, right] = [seed ^ 0x9e3779b9, ~seed ^ 0x41c6ce57];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    left = Math.imul(left ^ code, 0x9e3779b1);
    right = Math.imul(right ^ code, 0x5f356495);
  }
  return scrambleNumber(seed, left) * 0x10_0000 + (scrambleNumber(~seed, right) & 0xf_ffff);
}

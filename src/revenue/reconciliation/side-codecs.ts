import type { OurLine } from './matching/sides.ts';
import type { LineCodec } from './partitions.ts';
import type { TheirRow } from './reading/their-row.ts';

/** Rows of theirs as lines of a working file; money as text, which JSON keeps exactly. */
export const theirCodec: LineCodec<TheirRow> = {
  encode: ({ line, ref, amount, currency, day, rate }) =>
    JSON.stringify([line, ref, amount.toString(), currency, day, rate]),
  decode(text) {
    const [line, ref, amount, currency, day, rate] = JSON.parse(text) as [
      number,
      string | null,
      string,
      string,
      string | null,
      string | null,
    ];
    return { line, ref, amount: BigInt(amount), currency, day, rate };
  },
};

/** Lines of ours, likewise. */
export const ourCodec: LineCodec<OurLine> = {
  encode: ({ id, ref, amount, occurred, payable, rate, base, what, reverses }) =>
    JSON.stringify([id, ref, amount.toString(), occurred, payable, rate, base?.toString() ?? null, what, reverses]),
  decode(text) {
    type Texts = [string, string | null, string, string, string, string | null, string | null, string, string | null];
    const [id, ref, amount, occurred, payable, rate, base, what, reverses] = JSON.parse(text) as Texts;
    const money = { amount: BigInt(amount), base: base === null ? null : BigInt(base) };
    return { id, ref, ...money, occurred, payable, rate, what, reverses };
  },
};

/** Fixed-point numbers of forty decimal digits: an independent way to the rates that the product finds with doubles. */
const ONE = 10n ** 40n;
/** Halvings from a range of one down to the last digit. */
const STEPS = 136;
const DAYS_PER_YEAR = 365;

export interface ExactFlow {
  readonly amount: bigint;
  /** Whole periods, then `odd / of` of one. */
  readonly whole: number;
  readonly odd: number;
  readonly of: number;
}

/** The rate a period at which the flows are worth what was received, × `perYear`; a decimal of `digits` places. */
export function exactNominal(
  received: bigint,
  flows: readonly ExactFlow[],
  perYear: readonly [number, number],
  digits = 12,
): string {
  const rate = bisect(received, -ONE / 2n, ONE, (i) =>
    flows.reduce((sum, { amount, whole, odd, of }) => {
      const beginning = ONE + (i * BigInt(odd)) / BigInt(of);
      return sum + (amount * ONE * ONE) / times(power(ONE + i, whole), beginning);
    }, 0n),
  );
  return decimal((rate * BigInt(perYear[0])) / BigInt(perYear[1]), digits);
}

/** The yearly rate at which dated flows are worth what was received; a decimal of `digits` places. */
export function exactEffective(
  received: bigint,
  flows: readonly { readonly days: number; readonly amount: bigint }[],
  digits = 12,
): string {
  // What one day grows by, so that no root is needed.
  const daily = bisect(received, -ONE / 100n, ONE / 100n, (i) =>
    flows.reduce((sum, { days, amount }) => sum + (amount * ONE * ONE) / power(ONE + i, days), 0n),
  );
  return decimal(power(ONE + daily, DAYS_PER_YEAR) - ONE, digits);
}

/** The nominal rate compounded: (1 + i)ⁿ − 1 for a whole number of periods a year. */
export function compounded(nominal: string, perYear: number, digits = 10): string {
  const text = nominal.replace('-', '');
  const [whole = '0', fraction = ''] = text.split('.');
  const rate = BigInt(whole + fraction) * 10n ** BigInt(40 - fraction.length) * (nominal.startsWith('-') ? -1n : 1n);
  return decimal(power(ONE + rate / BigInt(perYear), perYear) - ONE, digits);
}

function bisect(received: bigint, from: bigint, to: bigint, valueAt: (rate: bigint) => bigint): bigint {
  let [low, high] = [from, to];
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2n;
    if (valueAt(middle) > received * ONE) low = middle;
    else high = middle;
  }
  return (low + high) / 2n;
}

function times(a: bigint, b: bigint): bigint {
  return (a * b) / ONE;
}

function power(base: bigint, exponent: number): bigint {
  let [result, factor, left] = [ONE, base, exponent];
  while (left > 0) {
    if (left % 2 === 1) result = times(result, factor);
    factor = times(factor, factor);
    left = Math.floor(left / 2);
  }
  return result;
}

function decimal(value: bigint, digits: number): string {
  const unit = 10n ** BigInt(40 - digits);
  const magnitude = value < 0n ? -value : value;
  const text = ((magnitude + unit / 2n) / unit).toString().padStart(digits + 1, '0');
  return `${value < 0n ? '-' : ''}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

import { SECONDS_BUCKETS } from './page-vocabulary.ts';

/** One cell of a day: what was counted on pages shown to one class of devices in one variant. */
export interface PageCell {
  readonly day: string;
  readonly device: string;
  /** null = the page as it is. */
  readonly variant: string | null;
  readonly measures: Readonly<Record<string, number>>;
}

/** How far visits came. Pages that were loaded, and clicks that did it: who loads a page twice is one visitor. */
export interface PageSteps {
  /** PV. */
  readonly page_views: number;
  /** UV: clicks that have led to the page, each on the day on which it first did. */
  readonly visitors: number;
  readonly started: number;
  readonly otp_sent: number;
  readonly submitted: number;
  /** Of the visitors; null without any. */
  readonly rates: Readonly<Record<'started' | 'otp_sent' | 'submitted', number | null>>;
}

export interface SecondsSpread {
  /** The half of them took at most so many seconds; null = there are none. */
  readonly median: number | null;
  readonly spread: readonly { readonly up_to: number; readonly count: number }[];
}

export interface PageFunnel {
  readonly total: PageSteps;
  readonly by_day: readonly ({ readonly day: string } & PageSteps)[];
  readonly by_device: readonly ({ readonly device: string } & PageSteps)[];
  readonly by_variant: readonly ({ readonly variant: string | null } & PageSteps)[];
  /** Most frequent first. */
  readonly errors: readonly { readonly field: string; readonly code: string; readonly count: number }[];
  readonly seconds_to_submit: SecondsSpread;
  readonly seconds_visible: SecondsSpread;
}

/** Adds up cells: in total, and by each of what they are told apart by. */
export function pageFunnel(cells: readonly PageCell[]): PageFunnel {
  const total = sumOf(cells);
  return {
    total: stepsOf(total),
    by_day: groups(cells, ({ day }) => day).map(([day, each]) => ({ day: day ?? '', ...stepsOf(sumOf(each)) })),
    by_device: groups(cells, ({ device }) => device).map(([device, each]) => ({
      device: device ?? '',
      ...stepsOf(sumOf(each)),
    })),
    by_variant: groups(cells, ({ variant }) => variant).map(([variant, each]) => ({
      variant,
      ...stepsOf(sumOf(each)),
    })),
    errors: errorsOf(total),
    seconds_to_submit: spreadOf(total, 'submit_in:'),
    seconds_visible: spreadOf(total, 'visible:'),
  };
}

type Measures = ReadonlyMap<string, number>;

function sumOf(cells: readonly PageCell[]): Measures {
  const sums = new Map<string, number>();
  for (const { measures } of cells) {
    for (const [name, count] of Object.entries(measures)) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return sums;
}

function stepsOf(measures: Measures): PageSteps {
  const once = (step: string): number => measures.get(`once:${step}`) ?? 0;
  const visitors = once('views');
  const rate = (count: number): number | null => (visitors === 0 ? null : Math.min(count / visitors, 1));
  const [started, otp_sent, submitted] = [once('starts'), once('otp_sent'), once('submits')];
  return {
    page_views: measures.get('views') ?? 0,
    visitors,
    started,
    otp_sent,
    submitted,
    rates: { started: rate(started), otp_sent: rate(otp_sent), submitted: rate(submitted) },
  };
}

function groups(cells: readonly PageCell[], by: (cell: PageCell) => string | null): [string | null, PageCell[]][] {
  const found = new Map<string | null, PageCell[]>();
  for (const cell of cells) {
    const group = found.get(by(cell));
    if (group === undefined) found.set(by(cell), [cell]);
    else group.push(cell);
  }
  return [...found].sort(([one], [other]) => ((one ?? '') < (other ?? '') ? -1 : 1));
}

const ERROR = 'error:';

function errorsOf(measures: Measures): PageFunnel['errors'] {
  return [...measures]
    .filter(([name]) => name.startsWith(ERROR))
    .map(([name, count]) => {
      const colon = name.lastIndexOf(':');
      return { field: name.slice(ERROR.length, colon), code: name.slice(colon + 1), count };
    })
    .sort((one, other) => other.count - one.count || (one.field < other.field ? -1 : 1));
}

function spreadOf(measures: Measures, prefix: string): SecondsSpread {
  const spread = SECONDS_BUCKETS.map((up_to) => ({ up_to, count: measures.get(`${prefix}${up_to}`) ?? 0 }));
  const all = spread.reduce((sum, { count }) => sum + count, 0);
  let seen = 0;
  const middle = spread.find(({ count }) => {
    seen += count;
    return seen * 2 >= all;
  });
  return { median: all === 0 ? null : (middle?.up_to ?? null), spread };
}

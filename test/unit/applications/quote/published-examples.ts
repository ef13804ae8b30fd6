/** Where a figure was published, and where its text can be read. */
interface Source {
  readonly source: string;
  readonly url: string;
}

/** A yearly rate with its flows. Money in minor units. */
export interface PublishedRate extends Source {
  readonly received: number;
  /** Amount and how many of it, in order. */
  readonly payments: readonly (readonly [amount: number, count: number])[];
  /** Unit-periods a year, as a fraction. */
  readonly perYear: readonly [number, number];
  /** Time to the first payment in unit-periods: whole ones, and a fraction. */
  readonly first: readonly [whole: number, odd: number, of: number];
  /** Where the example names days that our own measure of time must read the same way. */
  readonly dates?: {
    readonly startOn: string;
    readonly firstOn: string;
    readonly every: number;
    readonly unit: 'month' | 'day';
  };
  /** Nominal, as published. */
  readonly apr: string;
}

/** A compounded rate on dated flows (XIRR), days counted from the payout. */
export interface PublishedEffective extends Source {
  readonly received: number;
  readonly payments: readonly (readonly [days: number, amount: number])[];
  readonly effective: string;
}

/** A repayment table. Money in minor units; a figure that is absent was not published. */
export interface PublishedTable extends Source {
  readonly principal: number;
  readonly annual: string;
  readonly months: number;
  readonly level?: number;
  /** Interest and principal of the first months under equal instalments. */
  readonly rows?: readonly (readonly [interest: number, principal: number])[];
  readonly equalPrincipal?: { readonly first: number; readonly less: number; readonly interest: number };
}

const REG_Z = 'https://www.consumerfinance.gov/rules-policy/regulations/1026/J/';
const regZ = (section: string): Source => ({
  source: `Regulation Z (12 CFR 1026), appendix J (c)${section}`,
  url: REG_Z,
});
const monthly = { startOn: '1978-01-10', firstOn: '1978-02-10', every: 1, unit: 'month' } as const;

export const PUBLISHED_RATES: readonly PublishedRate[] = [
  {
    ...regZ('(1)(i), monthly payments, regular first period'),
    received: 500_000,
    payments: [[23_000, 24]],
    perYear: [12, 1],
    first: [1, 0, 30],
    dates: monthly,
    apr: '0.0969',
  },
  {
    ...regZ('(1)(ii), monthly payments, long first period'),
    received: 600_000,
    payments: [[20_000, 36]],
    perYear: [12, 1],
    first: [1, 19, 30],
    dates: { startOn: '1978-02-10', firstOn: '1978-04-01', every: 1, unit: 'month' },
    apr: '0.1182',
  },
  {
    ...regZ('(1)(iii), semimonthly payments, short first period'),
    received: 500_000,
    payments: [[21_917, 24]],
    perYear: [24, 1],
    first: [0, 6, 15],
    apr: '0.1034',
  },
  {
    ...regZ('(1)(iv), quarterly payments, long first period'),
    received: 1_000_000,
    payments: [[38_500, 40]],
    perYear: [4, 1],
    first: [1, 39, 90],
    apr: '0.0897',
  },
  {
    ...regZ('(1)(v), weekly payments, long first period'),
    received: 50_000,
    payments: [[1_760, 30]],
    perYear: [52, 1],
    first: [4, 4, 7],
    dates: { startOn: '1978-03-20', firstOn: '1978-04-21', every: 7, unit: 'day' },
    apr: '0.1496',
  },
  {
    ...regZ('(2)(i), monthly payments, irregular first payment'),
    received: 500_000,
    payments: [
      [25_000, 1],
      [23_000, 23],
    ],
    perYear: [12, 1],
    first: [1, 0, 30],
    dates: monthly,
    apr: '0.1008',
  },
  {
    ...regZ('(2)(ii), payments every four weeks, long first period, irregular first payment'),
    received: 40_000,
    payments: [
      [3_950, 1],
      [3_831, 11],
    ],
    perYear: [13, 1],
    first: [1, 5, 28],
    apr: '0.2850',
  },
  {
    ...regZ('(3)(i), monthly payments, irregular final payment'),
    received: 500_000,
    payments: [
      [23_000, 23],
      [28_000, 1],
    ],
    perYear: [12, 1],
    first: [1, 0, 30],
    dates: monthly,
    apr: '0.1050',
  },
  {
    ...regZ('(3)(ii), payments every two weeks, short first period, irregular final payment'),
    received: 20_000,
    payments: [
      [950, 19],
      [3_000, 1],
    ],
    perYear: [26, 1],
    first: [0, 8, 14],
    dates: { startOn: '1978-04-03', firstOn: '1978-04-11', every: 14, unit: 'day' },
    apr: '0.1222',
  },
  {
    ...regZ('(4)(i), monthly payments, irregular first and final payments'),
    received: 500_000,
    payments: [
      [25_000, 1],
      [23_000, 22],
      [28_000, 1],
    ],
    perYear: [12, 1],
    first: [1, 0, 30],
    dates: monthly,
    apr: '0.1090',
  },
  {
    ...regZ('(4)(ii), payments every two months, short first period, irregular first and final payments'),
    received: 800_000,
    payments: [
      [44_936, 1],
      [46_500, 18],
      [20_000, 1],
    ],
    perYear: [6, 1],
    first: [0, 52, 60],
    apr: '0.0730',
  },
  {
    ...regZ('(5)(i), single payment, term of less than a year, measured in days'),
    received: 100_000,
    payments: [[108_000, 1]],
    perYear: [365, 255],
    first: [1, 0, 30],
    dates: { startOn: '1978-01-03', firstOn: '1978-09-15', every: 1, unit: 'day' },
    apr: '0.1145',
  },
  {
    source: 'Microsoft, DAX RATE(4*12, -200, 8000) * 12; Excel shows the same loan as 9.24%',
    url: 'https://learn.microsoft.com/zh-cn/dax/rate-function-dax',
    received: 800_000,
    payments: [[20_000, 48]],
    perYear: [12, 1],
    first: [1, 0, 30],
    apr: '0.0924176698584164',
  },
  {
    source: 'Microsoft, Excel IRR, five years',
    url: 'https://support.microsoft.com/zh-cn/excel/irr-function',
    received: 70_000_000,
    payments: [
      [12_000_000, 1],
      [15_000_000, 1],
      [18_000_000, 1],
      [21_000_000, 1],
      [26_000_000, 1],
    ],
    perYear: [1, 1],
    first: [1, 0, 30],
    apr: '0.087',
  },
  {
    source: 'Microsoft, Excel IRR, four years: less comes back than went out',
    url: 'https://support.microsoft.com/zh-cn/excel/irr-function',
    received: 70_000_000,
    payments: [
      [12_000_000, 1],
      [15_000_000, 1],
      [18_000_000, 1],
      [21_000_000, 1],
    ],
    perYear: [1, 1],
    first: [1, 0, 30],
    apr: '-0.021',
  },
];

const EU_EXAMPLES = 'https://service.betterregulation.com/document/260747';

export const PUBLISHED_EFFECTIVE: readonly PublishedEffective[] = [
  {
    source: 'Directive 98/7/EC, annex II (annex III of 87/102/EEC), A, first example: 1 January 1994 to 1 July 1995',
    url: EU_EXAMPLES,
    received: 100_000,
    payments: [[546, 120_000]],
    effective: '0.1296',
  },
  {
    source: 'Directive 98/7/EC, annex II, A, second example: 50 retained for expenses',
    url: EU_EXAMPLES,
    received: 95_000,
    payments: [[546, 120_000]],
    effective: '0.169',
  },
  {
    source: 'Directive 98/7/EC, annex II, A, third example: two payments after one and two years',
    url: EU_EXAMPLES,
    received: 100_000,
    payments: [
      [365, 60_000],
      [730, 60_000],
    ],
    effective: '0.1307',
  },
  {
    source: 'Microsoft, Excel XIRR: 1 January 2008; 1 March, 30 October, 15 February and 1 April after',
    url: 'https://support.microsoft.com/zh-cn/excel/functions/xirr-function',
    received: 1_000_000,
    payments: [
      [60, 275_000],
      [303, 425_000],
      [411, 325_000],
      [456, 275_000],
    ],
    effective: '0.373362535',
  },
];

export const PUBLISHED_TABLES: readonly PublishedTable[] = [
  {
    source: '房贷 63 万, 30 年, 4.90 %: 等额本息, 等额本金',
    url: 'http://ccv168.com/wenda/220578.html',
    principal: 63_000_000,
    annual: '0.049',
    months: 360,
    level: 334_358,
    equalPrincipal: { first: 432_250, less: 715, interest: 46_433_625 },
  },
  {
    source: '房贷 93 万, 30 年, 4.90 %: 等额本息 with its first two months, 等额本金',
    url: 'https://aq8.net/1608563290028331787.html',
    principal: 93_000_000,
    annual: '0.049',
    months: 360,
    level: 493_576,
    rows: [
      [379_750, 113_826],
      [379_285, 114_291],
    ],
    equalPrincipal: { first: 638_083, less: 1_055, interest: 68_544_875 },
  },
  {
    source: '房贷 62 万, 15 年, 4.90 %: 等额本息',
    url: 'http://wwwbz417.com/baike/94363.html',
    principal: 62_000_000,
    annual: '0.049',
    months: 180,
    level: 487_068,
  },
  {
    source: '房贷 36 万, 30 年, 4.90 %: 等额本息, 等额本金',
    url: 'https://13l.net/index.php/l/749994450872594292.html',
    principal: 36_000_000,
    annual: '0.049',
    months: 360,
    level: 191_062,
    equalPrincipal: { first: 247_000, less: 408, interest: 26_533_500 },
  },
  {
    source: '房贷 100 万, 20 年, 4.9 %: 等额本息 with its first month',
    url: 'http://372181.com/wenda/229816.html',
    principal: 100_000_000,
    annual: '0.049',
    months: 240,
    level: 654_444,
    rows: [[408_333, 246_111]],
  },
  {
    source: 'Microsoft, FoxPro PAYMENT(100000, .105/12, 20*12)',
    url: 'https://learn.microsoft.com/es-es/previous-versions/e9e435a5(v=vs.90)',
    principal: 10_000_000,
    annual: '0.105',
    months: 240,
    level: 99_838,
  },
  {
    source: 'Amortisation table of 176 000 over 180 months at 2.13 %, first six months',
    url: 'https://gist.github.com/jhannah/7961433dcd9195f907d9d8e82ddb9564',
    principal: 17_600_000,
    annual: '0.0213',
    months: 180,
    level: 114_314,
    rows: [
      [31_240, 83_074],
      [31_093, 83_221],
      [30_945, 83_369],
      [30_797, 83_517],
      [30_649, 83_665],
      [30_500, 83_814],
    ],
  },
];

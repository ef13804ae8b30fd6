import { z } from 'zod';

/** Share of a whole, 0 to 1. */
const share = (fallback: number, words: string) => z.number().gt(0).max(1).default(fallback).describe(words);
const count = (fallback: number, words: string) => z.int().min(1).max(1_000_000_000).default(fallback).describe(words);
const factor = (fallback: number, words: string) => z.number().gt(1).max(1_000).default(fallback).describe(words);

/**
 * An hour with fewer clicks is never a flood: what a link of that size could earn by them is not worth a doubt, and a poster
 * or a message in one chat brings a few hundred people in an hour.
 */
const FLOOD_MIN_CLICKS = 300;
/** A newsletter or a push message brings three to four times the usual hour over and over; five times is rare. */
const FLOOD_FACTOR = 5;
/** Robust deviations (1.4826 × the median absolute deviation, at least √median) over the usual: chance does not reach eight. */
const FLOOD_DEVIATIONS = 8;
/** People who come in a burst convert worse than regulars, by half or so; programs do not convert at all. */
const BURST_CONVERSION = 0.2;
/** Below this many clicks of a day shares of single addresses say little: one shop's network is half of a small link. */
const REPEAT_MIN_CLICKS = 300;
/** The same people come back twice or three times; five arrivals a person is somebody who reloads. */
const REPEAT_RATIO = 5;
/** Mobile networks put many people behind one address, but never half of a link behind sixteen. */
const ADDRESS_SHARE = 0.5;
/** A single browser is a ten-thousandth of a link's clicks; a tenth is a program that waits for the window to end. */
const VISITOR_SHARE = 0.1;
const DATA_CENTRE_MIN_CLICKS = 200;
/** Private networks, company proxies and saving browsers are a few per cent of people who apply for loans. */
const DATA_CENTRE_WATCH = 0.2;
const DATA_CENTRE_HOLD = 0.5;
/** Shares of fewer applications swing by a quarter and more. */
const TIMES_MIN_APPLICATIONS = 30;
/**
 * Under 15 seconds between click and conversion is often a program, a healthy lead takes one to five minutes (Everflow,
 * "Click to conversion time"). A form with a one-time code cannot be filled in by hand that quickly.
 */
const TOO_QUICK_WATCH = 0.1;
const TOO_QUICK_HOLD = 0.3;
/** More than 30 % of conversions later than 24 hours after their click suggests click spam (Everflow, same place). */
const TOO_LATE_SHARE = 0.3;
/** Without any application among 6 000 people the true rate is below 0.05 %, 19 times of 20 (rule of three: 3 / n). */
const CONVERSION_MIN_CLICKS = 6_000;
/** Conversion of 0.05 % and less is "almost certainly" spam (Adjust, on click spam). */
const CONVERSION_FLOOR = 0.0005;
/** A quarter of one's own past is no bad week. */
const CONVERSION_DROP = 0.25;
const REJECTION_MIN_APPLICATIONS = 50;
/** Half as many again as one's own past. */
const REJECTION_FACTOR = 1.5;

/** operator.yaml `traffic_quality`: from when on traffic of a link looks like nobody's. */
export const trafficQualitySchema = z.strictObject({
  hold: z
    .boolean()
    .default(true)
    .describe('Whether findings switch billing of clicks off by themselves; false = they are only shown and watched'),
  data_centre_ranges: z
    .string()
    .regex(
      /^\.\/(?!.*\.\.)[A-Za-z0-9._/-]{1,200}\.txt$/,
      'must be a .txt file in the folder of operator.yaml, such as ./data-centres.txt',
    )
    .optional()
    .describe('Addresses of data centres: a file beside operator.yaml, a CIDR block or address a line, # comments'),
  flood_min_clicks: count(FLOOD_MIN_CLICKS, 'Unique clicks of an hour below which it is never a flood'),
  flood_factor: factor(FLOOD_FACTOR, 'Times the usual hour of the week that a flood is at least'),
  flood_deviations: factor(FLOOD_DEVIATIONS, 'Robust deviations over the usual hour that a flood is at least'),
  burst_conversion: share(
    BURST_CONVERSION,
    'A burst that converts at less than this share of the link’s own past is held',
  ),
  repeat_min_clicks: count(
    REPEAT_MIN_CLICKS,
    'Unique clicks of a day below which addresses and visitors are not judged',
  ),
  repeat_ratio: factor(REPEAT_RATIO, 'Arrivals a unique click from which they are watched'),
  address_share: share(ADDRESS_SHARE, 'Share of a day’s unique clicks from 16 addresses that is held'),
  visitor_share: share(VISITOR_SHARE, 'Share of a day’s unique clicks by one visitor that is held'),
  data_centre_min_clicks: count(DATA_CENTRE_MIN_CLICKS, 'Unique clicks below which data centres are not judged'),
  data_centre_watch: share(DATA_CENTRE_WATCH, 'Share of clicks from data centres that is watched'),
  data_centre_hold: share(DATA_CENTRE_HOLD, 'Share of clicks from data centres that is held'),
  times_min_applications: count(
    TIMES_MIN_APPLICATIONS,
    'Applications of a week below which their times are not judged',
  ),
  too_quick_watch: share(TOO_QUICK_WATCH, 'Share of applications sooner than click_min_seconds that is watched'),
  too_quick_hold: share(TOO_QUICK_HOLD, 'Share of applications sooner than click_min_seconds that is held'),
  too_late_share: share(TOO_LATE_SHARE, 'Share of applications more than 24 hours after their click that is watched'),
  conversion_min_clicks: count(CONVERSION_MIN_CLICKS, 'Unique clicks below which conversion is not judged absolutely'),
  conversion_floor: share(CONVERSION_FLOOR, 'Applications a unique click at or below which the link is held'),
  conversion_drop: share(CONVERSION_DROP, 'Share of the own past’s conversion below which it is watched'),
  rejection_min_applications: count(REJECTION_MIN_APPLICATIONS, 'Applications below which rejections are not judged'),
  rejection_factor: factor(REJECTION_FACTOR, 'Times the own past’s rejection rate from which it is watched'),
});
export type TrafficQuality = z.output<typeof trafficQualitySchema>;

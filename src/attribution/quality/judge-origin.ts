import type { TrafficQuality } from '../../registry/schema/traffic-quality.ts';
import type { Found } from './finding.ts';
import { convertsWell, evidenceDays, type TrafficReading, todayOf } from './reading.ts';
import { rounded, wilsonBounds } from './statistics.ts';
import { sumOf } from './traffic-day.ts';

/**
 * Many clicks from one identity: most of a day's unique clicks from a few addresses, or one browser that comes again as soon
 * as its window ends. Repeated arrivals within the window are never billable, so a high ratio of them is only watched.
 */
export function judgeRepeats(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const today = todayOf(reading);
  const { unique, raw } = sumOf([today]);
  if (unique < settings.repeat_min_clicks) return watchedRatio(unique, raw, settings);
  // A moment may lie between reading the day and its busiest addresses.
  const ofAddresses = Math.min(1, reading.top.addresses / unique);
  const ofVisitor = Math.min(1, reading.top.visitor / unique);
  const isFew = ofAddresses >= settings.address_share || ofVisitor >= settings.visitor_share;
  if (!isFew) return watchedRatio(unique, raw, settings);
  return {
    code: 'repeat_clicks',
    severity: convertsWell(reading, [today]) ? 'watch' : 'hold',
    numbers: {
      unique_clicks: unique,
      clicks: raw,
      share_of_16_addresses: rounded(ofAddresses),
      share_of_one_visitor: rounded(ofVisitor),
    },
  };
}

function watchedRatio(unique: number, raw: number, settings: TrafficQuality): Found | undefined {
  if (raw < settings.repeat_min_clicks * settings.repeat_ratio || raw < unique * settings.repeat_ratio)
    return undefined;
  const numbers = { unique_clicks: unique, clicks: raw, clicks_per_unique: rounded(raw / Math.max(1, unique)) };
  return { code: 'repeat_clicks', severity: 'watch', numbers };
}

/**
 * Clicks of people's browsers do not come from data centres, save a few per cent. Today's are judged as soon as they are
 * many, else with yesterday's.
 */
export function judgeDataCentre(reading: TrafficReading, settings: TrafficQuality): Found | undefined {
  const today = [todayOf(reading)];
  const days = sumOf(today).unique < settings.data_centre_min_clicks ? evidenceDays(reading, 2) : today;
  const { unique, dataCentre } = sumOf(days);
  if (unique < settings.data_centre_min_clicks) return undefined;
  const { lower } = wilsonBounds(dataCentre, unique);
  if (lower < settings.data_centre_watch) return undefined;
  return {
    code: 'data_centre_traffic',
    severity: lower >= settings.data_centre_hold && !convertsWell(reading, days) ? 'hold' : 'watch',
    numbers: { unique_clicks: unique, from_data_centres: dataCentre, share: rounded(dataCentre / unique) },
  };
}

import type { TrafficQuality } from '../../registry/schema/traffic-quality.ts';
import type { Found } from './finding.ts';
import { judgeFlood } from './judge-flood.ts';
import { judgeDataCentre, judgeRepeats } from './judge-origin.ts';
import { judgeConversion, judgeRejection, judgeTooLate, judgeTooQuick } from './judge-outcome.ts';
import type { TrafficReading } from './reading.ts';

const OF_LINKS = [
  judgeFlood,
  judgeRepeats,
  judgeDataCentre,
  judgeTooQuick,
  judgeTooLate,
  judgeConversion,
  judgeRejection,
] as const;
/** What a partner's links show together that each is too small to show. */
const OF_PARTNERS = [judgeTooQuick, judgeTooLate, judgeConversion, judgeRejection] as const;

/** What is to be said of a link's traffic now. What an operator has lifted lately is watched only. */
export function judgeLink(reading: TrafficReading, settings: TrafficQuality, nowMs: number): Found[] {
  return OF_LINKS.flatMap((judge) => judge(reading, settings) ?? []).map((found) => {
    const isLifted = (reading.afresh.lifted[found.code] ?? 0) > nowMs;
    return isLifted || !settings.hold ? { ...found, severity: 'watch' } : found;
  });
}

/** What is to be said of all links of a partner together: watched only, for a hold is a link's. */
export function judgePartner(reading: TrafficReading, settings: TrafficQuality): Found[] {
  return OF_PARTNERS.flatMap((judge) => judge(reading, settings) ?? []).map((found) => ({
    ...found,
    severity: 'watch',
  }));
}

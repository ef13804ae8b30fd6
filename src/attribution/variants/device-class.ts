import Bowser from 'bowser';
import type { DeviceClass, OsClass } from '../../registry/schema/variants.ts';

/** What is told of a device: no more than these classes is ever kept. */
export interface Device {
  readonly device: DeviceClass;
  readonly os: OsClass;
}

/** The same few browsers send nearly all clicks, and reading one takes a hundred expressions. */
const known = new Map<string, Device>();
const KNOWN_MAX = 2_000;
const UNKNOWN: Device = { device: 'desktop', os: 'other' };

/** The classes of a device by its user agent; what nothing is known of counts as a desktop. */
export function deviceOf(userAgent: string): Device {
  const before = known.get(userAgent);
  if (before !== undefined) return before;
  const found = userAgent === '' ? UNKNOWN : read(userAgent);
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(userAgent, found);
  return found;
}

function read(userAgent: string): Device {
  const parser = Bowser.getParser(userAgent);
  const type = parser.getPlatformType(true);
  const os = parser.getOSName(true);
  return {
    device: type === 'mobile' || type === 'tablet' ? type : 'desktop',
    os: os === 'ios' || os === 'android' ? os : 'other',
  };
}

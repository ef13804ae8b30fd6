import type { DeviceRule } from '../registry/schema/product-conditions.ts';

/** What is known of the device that an applicant holds, and of the address that it comes from. */
export interface DeviceFacts {
  readonly isIdentified: boolean;
  /** Other applicants on the device within the window; undefined = not known. */
  readonly othersOnDevice?: number | undefined;
  /** Other applicants from the address within the window; undefined = not known. */
  readonly othersOnAddress?: number | undefined;
}

export type DeviceAnnotation =
  | { readonly code: 'device_missing' }
  /** `applicants`: how many it would be with this one, within 24 hours. */
  | { readonly code: 'device_shared' | 'ip_shared'; readonly applicants: number };

/** Applicants on one device, or from one address, from which on people should know of it, where a product names no number. */
const NOTEWORTHY = { device: 4, address: 51 } as const;

/** What a product makes of a device: what people should know of it, and whether it keeps the applicant out. */
export function judgeDevice(
  rule: DeviceRule,
  { isIdentified, othersOnDevice = 0, othersOnAddress = 0 }: DeviceFacts,
): { readonly annotations: readonly DeviceAnnotation[]; readonly isRefused: boolean } {
  const { max_applicants_per_device: perDevice, max_applicants_per_ip: perAddress } = rule;
  const onDevice = othersOnDevice + 1;
  const onAddress = othersOnAddress + 1;
  const isOver =
    (perDevice !== undefined && onDevice > perDevice) || (perAddress !== undefined && onAddress > perAddress);
  const annotations: DeviceAnnotation[] = [];
  if (!isIdentified) annotations.push({ code: 'device_missing' });
  if (onDevice > (perDevice ?? NOTEWORTHY.device - 1))
    annotations.push({ code: 'device_shared', applicants: onDevice });
  if (onAddress > (perAddress ?? NOTEWORTHY.address - 1))
    annotations.push({ code: 'ip_shared', applicants: onAddress });
  return {
    annotations,
    isRefused: (rule.missing === 'refuse' && !isIdentified) || (rule.over === 'refuse' && isOver),
  };
}

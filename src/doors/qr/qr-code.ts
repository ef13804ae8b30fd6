import { type Bitmap2D, correction, generate } from 'lean-qr';

/** Share of a code that may be dirty or torn: about 7, 15, 25, 30 %. */
export const QR_LEVELS = ['L', 'M', 'Q', 'H'] as const;
export type QrLevel = (typeof QR_LEVELS)[number];

/** White around a code that scanners need, in modules (ISO/IEC 18004 §6.3.8). */
export const QUIET_ZONE_MODULES = 4;

/** Bytes that the largest code holds (ISO/IEC 18004 table 7, version 40). */
export const QR_BYTES_MAX: Readonly<Record<QrLevel, number>> = { L: 2_953, M: 2_331, Q: 1_663, H: 1_273 };

/** A QR code: a square of modules. */
export type QrCode = Pick<Bitmap2D, 'size' | 'get'>;

/**
 * The QR code of a text, at exactly the level that was asked for.
 * @throws when the text is longer than {@link QR_BYTES_MAX}
 */
export function qrCode(text: string, level: QrLevel): QrCode {
  return generate(text, { minCorrectionLevel: correction[level], maxCorrectionLevel: correction[level] });
}

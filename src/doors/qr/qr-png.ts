import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { QrCode } from './qr-code.ts';

const deflated = promisify(deflate);

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const WHITE = 0xff;
/** IHDR: one bit a pixel, greyscale, no interlacing (PNG §11.2.2). */
const BIT_DEPTH = 1;
const GREYSCALE = 0;

/**
 * A PNG of a QR code, black on white, `size` pixels square: every module is the same whole number of pixels, so that edges
 * stay sharp, and what is left over goes to the white around it.
 * @param margin white around the code in modules, at the least
 * @returns undefined when a module would be less than a pixel
 */
export async function qrPng(code: QrCode, size: number, margin: number): Promise<Buffer | undefined> {
  const scale = Math.floor(size / (code.size + 2 * margin));
  if (scale < 1) return undefined;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header[8] = BIT_DEPTH;
  header[9] = GREYSCALE;
  // The thread pool compresses: a large image must not hold up requests.
  const pixels = await deflated(scanlines(code, size, scale));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

/** Each row begins with its filter (0 = none); rows of one module are alike, so each is drawn once. */
function scanlines(code: QrCode, size: number, scale: number): Buffer {
  const bytes = 1 + Math.ceil(size / 8);
  const blank = Buffer.alloc(bytes, WHITE);
  blank[0] = 0;
  const before = Math.floor((size - code.size * scale) / 2);
  const rows: Buffer[] = [];
  for (let y = 0; y < size; y += 1) {
    const module = Math.floor((y - before) / scale);
    if (module < 0 || module >= code.size) rows.push(blank);
    else if ((y - before) % scale !== 0) rows.push(rows[y - 1] ?? blank);
    else rows.push(scanline(code, module, { blank, before, scale }));
  }
  return Buffer.concat(rows);
}

interface Line {
  readonly blank: Buffer;
  readonly before: number;
  readonly scale: number;
}

function scanline(code: QrCode, y: number, { blank, before, scale }: Line): Buffer {
  const row = Buffer.from(blank);
  for (let x = 0; x < code.size; x += 1) {
    if (!code.get(x, y)) continue;
    for (let at = before + x * scale; at < before + (x + 1) * scale; at += 1) {
      const byte = 1 + (at >> 3);
      row[byte] = (row[byte] ?? WHITE) & ~(0x80 >> (at & 7));
    }
  }
  return row;
}

/** Length, type, data, CRC-32 of type and data (PNG §5.3). */
function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}

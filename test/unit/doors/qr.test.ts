import { toSvgSource } from 'lean-qr/extras/svg';
import { describe, expect, test } from 'vitest';
import { QR_BYTES_MAX, QR_LEVELS, QUIET_ZONE_MODULES, qrCode } from '../../../src/doors/qr/qr-code.ts';
import { qrPng } from '../../../src/doors/qr/qr-png.ts';
import { modulesIn, modulesOfSvg, pixelsOfPng, readQr } from '../../support/read-qr.ts';

const ADDRESS = 'https://go.example/r/shop-17?sub1=A1';

async function picture(size: number, margin = QUIET_ZONE_MODULES) {
  const png = await qrPng(qrCode(ADDRESS, 'M'), size, margin);
  if (png === undefined) throw new Error('no picture');
  return { png, pixels: pixelsOfPng(png) };
}

describe('the QR code of a link', () => {
  test('as a PNG is read back as its address, at the level that was asked for', async () => {
    const { pixels } = await picture(512);
    expect(readQr(modulesIn(pixels).modules)).toEqual({ text: ADDRESS, level: 'M' });
  });

  test('as an SVG shows the very modules of the PNG, white around it included', async () => {
    const svg = toSvgSource(qrCode(ADDRESS, 'M'), { pad: 4, off: 'white' });
    const whole = modulesOfSvg(svg);
    const { modules, quiet } = modulesIn(whole);
    expect(quiet).toBe(4);
    expect(modules).toEqual(modulesIn((await picture(512)).pixels).modules);
    expect(readQr(modules).text).toBe(ADDRESS);
  });

  test.each([64, 100, 512, 777, 2_048])(
    'a picture of %i pixels is as large as asked, each module alike, and quiet around',
    async (size) => {
      const { png, pixels } = await picture(size);
      expect([pixels.length, png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size, size]);
      const { modules, quiet, scale } = modulesIn(pixels);
      expect(scale).toBe(Math.floor(size / (modules.length + 8)));
      expect(quiet).toBeGreaterThanOrEqual(QUIET_ZONE_MODULES * scale);
      expect(readQr(modules).text).toBe(ADDRESS);
    },
  );

  test('whose modules would be smaller than a pixel is not drawn', async () => {
    expect(await qrPng(qrCode(ADDRESS, 'M'), 36, 4)).toBeUndefined();
    expect(await qrPng(qrCode(ADDRESS, 'M'), 37, 4)).toBeDefined();
  });

  test.each(QR_LEVELS)('holds as much at level %s as is said, and says the level', (level) => {
    expect(qrCode('a'.repeat(QR_BYTES_MAX[level]), level).size).toBe(177);
    expect(() => qrCode('a'.repeat(QR_BYTES_MAX[level] + 1), level)).toThrow();
    const short = qrCode('go.example/r/a', level);
    const rows = Array.from({ length: short.size }, (_, y) =>
      Array.from({ length: short.size }, (_, x) => short.get(x, y)),
    );
    expect(readQr(rows)).toEqual({ text: 'go.example/r/a', level });
  });
});

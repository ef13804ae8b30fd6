import { describe, expect, test } from 'vitest';
import { sniffContentType } from '../../../src/applications/documents/sniff-content-type.ts';

/** A file type box with these brands, the major one first. */
function ftyp(...brands: string[]): Buffer {
  const [major = '', ...compatible] = brands;
  const box = Buffer.concat([Buffer.from(`ftyp${major}\0\0\x02\0${compatible.join('')}`, 'latin1')]);
  const size = Buffer.alloc(4);
  size.writeUInt32BE(box.length + 4);
  return Buffer.concat([size, box, Buffer.from('\0\0\0\x08mdat', 'latin1')]);
}

describe('what a document is, is told by its bytes', () => {
  test.each([
    ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16])],
    ['image/jpeg', Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 16])],
    ['image/png', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')],
    ['application/pdf', Buffer.from('%PDF-1.7\n%')],
    ['application/pdf', Buffer.from('%PDF-2.0\n%')],
    ['video/mp4', ftyp('isom', 'isom', 'iso2', 'avc1', 'mp41')],
    ['video/mp4', ftyp('mp42', 'isom', 'mp42')],
    ['video/mp4', ftyp('3gp4', 'isom', '3gp4')],
  ])('%s', (type, bytes) => {
    expect(sniffContentType(bytes)).toBe(type);
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['two bytes of a JPEG', Buffer.from([0xff, 0xd8])],
    ['a GIF', Buffer.from('GIF89a')],
    ['HTML', Buffer.from('<!doctype html><script>')],
    ['HTML that holds a PDF further on', Buffer.from('<html>%PDF-1.7')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">')],
    ['a HEIC photo in the container of MP4', ftyp('heic', 'mif1', 'heic', 'isom')],
    ['an AVIF photo', ftyp('avif', 'mif1', 'isom')],
    ['sound alone', ftyp('M4A ', 'isom')],
    ['a QuickTime film', ftyp('qt  ', 'qt  ')],
    ['a file type box that says it is longer than the file', Buffer.from('\0\0\xff\0ftypisom\0\0\0\0', 'latin1')],
    ['a ZIP (docx)', Buffer.from('PK\x03\x04')],
  ])('is none that is taken: %s', (_, bytes) => {
    expect(sniffContentType(bytes)).toBeUndefined();
  });
});

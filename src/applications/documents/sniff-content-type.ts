/** Media types that documents may have. */
export const DOCUMENT_CONTENT_TYPES = ['image/jpeg', 'image/png', 'application/pdf', 'video/mp4'] as const;
export type DocumentContentType = (typeof DOCUMENT_CONTENT_TYPES)[number];

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const PDF = Buffer.from('%PDF-1.');
const PDF_2 = Buffer.from('%PDF-2.');

/** `ftyp` brands (ISO/IEC 14496-12 §4.3) of MP4 films, as the MP4 registration authority lists them. */
const MP4_BRANDS = new Set(
  [
    'isom',
    'iso2',
    'iso3',
    'iso4',
    'iso5',
    'iso6',
    'iso7',
    'iso8',
    'iso9',
    'mp41',
    'mp42',
    'mp71',
    'avc1',
    'hvc1',
  ].concat(['M4V ', 'M4VH', 'M4VP', 'MSNV', 'dash', 'mmp4', 'f4v ']),
);
/** The same container with something else in it: pictures (HEIF, AVIF), sound alone, Canon raw. */
const OTHER_BRANDS = new Set([
  'heic',
  'heix',
  'heim',
  'heis',
  'hevc',
  'mif1',
  'msf1',
  'avif',
  'avis',
  'M4A ',
  'M4B ',
  'M4P ',
  'crx ',
]);
/** More compatible brands than this no camera writes. */
const BRANDS_MAX = 32;

/** What a file is by its first bytes, whatever its sender says; undefined when it is none that is taken. */
export function sniffContentType(bytes: Uint8Array): DocumentContentType | undefined {
  if (begins(bytes, JPEG)) return 'image/jpeg';
  if (begins(bytes, PNG)) return 'image/png';
  if (begins(bytes, PDF) || begins(bytes, PDF_2)) return 'application/pdf';
  return isMp4(bytes) ? 'video/mp4' : undefined;
}

function begins(bytes: Uint8Array, magic: Uint8Array): boolean {
  return bytes.length >= magic.length && magic.every((byte, at) => bytes[at] === byte);
}

/** A file type box comes first: size, `ftyp`, major brand, minor version, compatible brands. */
function isMp4(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 16 || view.toString('latin1', 4, 8) !== 'ftyp') return false;
  const size = view.readUInt32BE(0);
  if (size < 16 || size % 4 !== 0 || size > view.length) return false;
  const end = Math.min(size, 16 + 4 * BRANDS_MAX);
  const brands = [view.toString('latin1', 8, 12)];
  for (let at = 16; at < end; at += 4) brands.push(view.toString('latin1', at, at + 4));
  const [major = ''] = brands;
  return !OTHER_BRANDS.has(major) && brands.some((brand) => MP4_BRANDS.has(brand));
}

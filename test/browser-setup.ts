import { installChromium } from './support/chromium.ts';

/** Browser tests open pages in a real browser: see that there is one before the first file starts. */
export function setup(): void {
  installChromium((line) => process.stdout.write(`${line}\n`));
}

import { installSampleRuntimes } from './support/sample-runtimes.ts';

/** The guide's samples are run in their own languages: see that those are there before the first file starts. */
export function setup(): void {
  installSampleRuntimes((line) => process.stdout.write(`${line}\n`));
}

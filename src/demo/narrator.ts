import { Presets, SingleBar } from 'cli-progress';
import pc from 'picocolors';

/** Tells a person what the demo does: a bar per step on a terminal, plain lines elsewhere. */
export interface Narrator {
  /** Whether colours and signs beyond ASCII may be used. */
  readonly isTerminal: boolean;
  /** Begins the next step. @param total of the ticks that will follow; 0 = no bar */
  step(title: string, total?: number): void;
  tick(count?: number): void;
  /** Ends the step. */
  done(summary: string): void;
  line(text?: string): void;
  /** Takes a bar off the screen before something else is written. */
  stop(): void;
}

/** @param steps how many there will be */
export function createNarrator(out: NodeJS.WriteStream, steps: number): Narrator {
  const isTerminal = out.isTTY === true;
  const colours = pc.createColors(isTerminal && pc.isColorSupported);
  let bar: SingleBar | undefined;
  let number = 0;
  let title = '';
  let startedAt = 0;
  // A reader that went away (`| head`) must not end the run halfway, with Redis left behind.
  out.on('error', () => undefined);
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const line = (text = ''): void => {
    out.write(`${text}\n`);
  };
  return {
    isTerminal,
    step(text, total = 0) {
      number += 1;
      title = text;
      startedAt = performance.now();
      if (!isTerminal || total === 0) return;
      const format = `${colours.dim(`[${number}/${steps}]`)} ${text} {bar} {value}/{total}`;
      bar = new SingleBar({ format, stream: out, clearOnComplete: true, barsize: 30 }, Presets.shades_classic);
      bar.start(total, 0);
    },
    tick: (count = 1) => bar?.increment(count),
    done(summary) {
      stop();
      const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
      line(`${colours.dim(`[${number}/${steps}]`)} ${title}: ${summary} ${colours.dim(`(${seconds} s)`)}`);
    },
    line(text) {
      stop();
      line(text);
    },
    stop,
  };
}

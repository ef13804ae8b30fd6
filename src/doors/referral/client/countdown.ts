import { fillText } from '../fill-text.ts';
import type { PagePlan } from '../plan-shape.ts';

const SECOND_MS = 1_000;
let timer: ReturnType<typeof setInterval> | undefined;

/** Counts down on the button that asks for another code; until then it cannot be pressed. */
export function startCountdown(form: HTMLFormElement, { words }: PagePlan): void {
  clearInterval(timer);
  const button = form.querySelector<HTMLButtonElement>('button[data-wait]');
  if (button === null) return;
  const label = button.dataset.label ?? button.textContent ?? '';
  button.dataset.label = label;
  const endMs = Number(button.dataset.until ?? Date.now() + Number(button.dataset.wait) * SECOND_MS);
  button.dataset.until = `${endMs}`;
  const show = (): void => {
    const left = Math.ceil((endMs - Date.now()) / SECOND_MS);
    button.disabled = left > 0;
    button.textContent = left > 0 ? fillText(words.waiting, { n: left }) : label;
    if (left <= 0) clearInterval(timer);
  };
  timer = setInterval(show, SECOND_MS);
  show();
}

import type { PagePlan } from '../plan-shape.ts';
import { startAmount } from './amount.ts';
import { checkOne, faultsOf } from './check.ts';
import { startCountdown } from './countdown.ts';
import { clearFault, pruneSummary, showFault, showSummary } from './faults.ts';
import { startGrouping } from './grouping.ts';
import { forget, startKeeping } from './keep.ts';
import { adopt, post } from './send.ts';
import { tell } from './told.ts';

/** Everything that the form does beyond what it does without script. */
export function startForm(form: HTMLFormElement): void {
  const plan: PagePlan = JSON.parse(document.getElementById('plan')?.textContent ?? '');
  const page = { form, plan };
  startKeeping(form);
  startAmount(form, plan);
  startGrouping(form, plan);
  startCountdown(form, plan);
  startChecks(form, plan);
  let isBusy = false;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (isBusy) return;
    const button = pressed(form, event);
    const step = button?.value === 'apply' ? 'apply' : 'otp';
    const faults = faultsOf(form, plan, step);
    for (const [field, { fault, text }] of faults) {
      showFault(form, field, text);
      tell({ kind: 'fault', field, fault });
    }
    // A code can be sent while the rest is unfinished; nothing else goes on with faults.
    if (faults.size > 0 && (step === 'apply' || faults.has('phone'))) {
      showSummary(page, faults);
      return;
    }
    isBusy = true;
    const rest = setBusy(form, button);
    tell({ kind: 'post', step });
    post(form, step)
      .then((answer) => adopt(page, answer))
      .then((wentOn) => {
        if (wentOn) forget();
        // The next page is on its way: until it is here nobody shall press again.
        else resume();
      })
      .catch(resume);
    function resume(): void {
      isBusy = false;
      rest();
      startCountdown(form, plan);
    }
  });
  // Somebody who comes back finds the page as it was left: ready.
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}

function startChecks(form: HTMLFormElement, plan: PagePlan): void {
  let isStarted = false;
  form.addEventListener('input', ({ target }) => {
    if (!isStarted) tell({ kind: 'start' });
    isStarted = true;
    // What was wrong is told to be right at once; what becomes wrong is told when the input is left.
    const name = nameOf(target);
    if (name === undefined || checkOne(form, plan, name) !== undefined) return;
    clearFault(form, name);
    pruneSummary(plan, name);
  });
  form.addEventListener('change', ({ target }) => {
    const name = nameOf(target);
    const found = name === undefined ? undefined : checkOne(form, plan, name, 'only given');
    if (name === undefined || found === undefined) return;
    showFault(form, name, found.text);
    tell({ kind: 'fault', field: name, fault: found.fault });
  });
}

function nameOf(target: EventTarget | null): string | undefined {
  const isInput = target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
  return isInput && target.name !== '' ? target.name : undefined;
}

/** Older browsers do not say which button was pressed; Enter presses the first. */
function pressed(form: HTMLFormElement, event: SubmitEvent): HTMLButtonElement | null {
  const { submitter } = event;
  return submitter instanceof HTMLButtonElement ? submitter : form.querySelector('button');
}

/** @returns makes the buttons ready again */
function setBusy(form: HTMLFormElement, button: HTMLButtonElement | null): () => void {
  const words = button?.textContent ?? '';
  form.setAttribute('aria-busy', 'true');
  if (button !== null) {
    button.textContent = button.dataset.busy ?? words;
    button.classList.add('busy');
  }
  return () => {
    form.removeAttribute('aria-busy');
    if (button === null) return;
    button.textContent = words;
    button.classList.remove('busy');
  };
}

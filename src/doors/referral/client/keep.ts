import { inputOf } from './check.ts';

/** What says nothing of the person. Everything else is gone with the page: this may be somebody else's device. */
const KEPT = ['amount', 'term', 'purpose'];
const KEY = `sluice ${location.pathname}`;

/** Amount, term and purpose outlive a reload of this tab. */
export function startKeeping(form: HTMLFormElement): void {
  restore(form);
  form.addEventListener('input', () => {
    const kept = Object.fromEntries(KEPT.map((name) => [name, inputOf(form, name)?.value ?? '']));
    try {
      sessionStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // Storage may be full or forbidden; then nothing is kept.
    }
  });
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

function restore(form: HTMLFormElement): void {
  // A form that came back with faults or with the code's input shows what was sent.
  if (form.elements.namedItem('otp') !== null || document.querySelector('.alert') !== null) return;
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? '{}');
    for (const [name, value] of Object.entries(kept ?? {})) {
      const input = KEPT.includes(name) ? inputOf(form, name) : undefined;
      if (input !== undefined && typeof value === 'string' && value !== '') input.value = value;
      // A term that is no longer offered leaves nothing chosen.
      if (input instanceof HTMLSelectElement && input.selectedIndex < 0) input.selectedIndex = 0;
    }
  } catch {
    // Not ours, or not readable.
  }
}

import { localDate } from '../calendar.ts';

/** Local days of instants, remembered by the quarter of an hour: zones change at those only. */
export class LocalDays {
  readonly #timezone: string;
  #days = new Map<number, string>();

  constructor(timezone: string) {
    this.#timezone = timezone;
  }

  of(iso: string): string {
    const quarter = Math.floor(Date.parse(iso) / QUARTER_MS);
    const known = this.#days.get(quarter);
    if (known !== undefined) return known;
    if (this.#days.size > QUARTERS_MAX) this.#days = new Map();
    const day = localDate(quarter * QUARTER_MS, this.#timezone);
    this.#days.set(quarter, day);
    return day;
  }
}

const QUARTER_MS = 900_000;
const QUARTERS_MAX = 50_000;

const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

const FIRST_MS = Date.UTC(2000, 0, 1) - msBetweenYears(1, 2000);
const END_MS = Date.UTC(10_000, 0, 1);

/**
 * Reads an instant as RFC 3339 writes it: date, time and offset, all of them. A time without an offset would mean
 * another instant on every machine, so it is refused, and so is a day that the calendar does not have (the
 * parser of JavaScript makes March 3rd of February 31st). Digits after the millisecond are cut off.
 *
 * @returns undefined for anything but an instant of the years 0001 to 9999 in UTC.
 */
export function parseInstant(text: string): Date | undefined {
  const parts = INSTANT.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  if (offsetHours > 23 || offsetMinutes > 59) return undefined;

  const milliseconds = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const offset = (parts[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes);
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hour, minute - offset, second, milliseconds);
  const time = instant.getTime();
  return time >= FIRST_MS && time < END_MS ? instant : undefined;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Date.UTC reads the years 0 to 99 as 1900 to 1999, so the first instant of the year 1 is counted from 2000. */
function msBetweenYears(from: number, to: number): number {
  const start = new Date(0);
  start.setUTCFullYear(from, 0, 1);
  return Date.UTC(to, 0, 1) - start.getTime();
}

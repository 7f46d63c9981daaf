import { randomUUID } from 'node:crypto';

/** Stands in a request's text where each request gets an id of its own. */
export const DISTINCT_ID = '00000000-0000-4000-8000-000000000000';

/** Stands in a request's text where one of the plan's `choices` goes. */
export const CHOSEN_ID = '00000000-0000-4000-9000-000000000000';

const HEX = Buffer.from('0123456789abcdef');

/** Writes an id into each request, for a few operations each. */
export interface Ids {
  /** Writes the part that is the same in all ids of this generator; once for each buffer. */
  prepare(request: Buffer, places: readonly number[]): void;
  /** Makes the next request of a prepared buffer another user's. */
  next(request: Buffer, places: readonly number[]): void;
  /** How many requests it can still make. */
  readonly left: number;
}

/** Where a placeholder stands in a request. */
export function placesOf(request: Buffer, placeholder = DISTINCT_ID): number[] {
  const places: number[] = [];
  for (let at = request.indexOf(placeholder); at >= 0; at = request.indexOf(placeholder, at + 1)) {
    places.push(at);
  }
  return places;
}

/**
 * UUIDs that differ in every request: `randomUUID()` and a new body for each request would cost the generator more
 * than sending it.
 *
 * The first eight digits are a counter sent through a mixing function that maps 32 bits one to one, so they
 * never repeat and still fall anywhere in an index, as the ids of real users do. The rest is drawn once.
 */
export class DistinctIds implements Ids {
  readonly left = Infinity;
  private counter = 0;
  private readonly tail = Buffer.from(randomUUID().slice(8), 'latin1');

  prepare(request: Buffer, places: readonly number[]): void {
    for (const at of places) this.tail.copy(request, at + 8);
  }

  next(request: Buffer, places: readonly number[]): void {
    let mixed = this.counter++;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
    writeDigits(request, places, mixed);
  }
}

/** Ids that the tables know, one after the other: they begin alike and end with a number. */
export interface ListedRange {
  /** All but the last eight digits. */
  readonly head: string;
  /** The numbers go from 0 up to this one, which is none of them. */
  readonly count: number;
}

/** Each of the ids of a range once, for requests about what is there only once. */
export class ListedIds implements Ids {
  private counter = 0;

  constructor(private readonly range: ListedRange) {}

  get left(): number {
    return this.range.count - this.counter;
  }

  prepare(request: Buffer, places: readonly number[]): void {
    for (const at of places) request.write(this.range.head, at, 'latin1');
  }

  next(request: Buffer, places: readonly number[]): void {
    writeDigits(request, places, this.counter++, DISTINCT_ID.length - 8);
  }
}

/**
 * One of a number of users that the tables know, at random: the placeholder with the user's number in its first
 * eight digits, which SQL can make as well.
 */
export class KnownIds implements Ids {
  readonly left = Infinity;

  constructor(private readonly users: number) {}

  prepare(): void {
    // The placeholder has the rest already.
  }

  next(request: Buffer, places: readonly number[]): void {
    writeDigits(request, places, Math.floor(Math.random() * this.users));
  }
}

/**
 * Some ids as other generators make them, and beside them one that is drawn from a list, where `CHOSEN_ID` stood when
 * the request was prepared: a request about any of a thousand ticket options, say.
 */
export class ChosenIds implements Ids {
  private readonly list: Buffer;
  private readonly places = new Map<Buffer, readonly number[]>();

  constructor(
    private readonly others: Ids,
    private readonly choices: readonly string[],
  ) {
    this.list = Buffer.from(choices.join(''), 'latin1');
  }

  get left(): number {
    return this.others.left;
  }

  prepare(request: Buffer, places: readonly number[]): void {
    this.others.prepare(request, places);
    this.places.set(request, placesOf(request, CHOSEN_ID));
  }

  next(request: Buffer, places: readonly number[]): void {
    this.others.next(request, places);
    const from = CHOSEN_ID.length * Math.floor(Math.random() * this.choices.length);
    for (const at of this.places.get(request) ?? []) {
      this.list.copy(request, at, from, from + CHOSEN_ID.length);
    }
  }
}

/** The generator that a plan asks for. */
export function idsOf(plan: {
  readonly knownUsers?: number;
  readonly listed?: ListedRange;
  readonly choices?: readonly string[];
}): Ids {
  const { knownUsers, listed, choices } = plan;
  if (listed !== undefined) return new ListedIds(listed);
  const ids = knownUsers === undefined ? new DistinctIds() : new KnownIds(knownUsers);
  return choices === undefined ? ids : new ChosenIds(ids, choices);
}

function writeDigits(request: Buffer, places: readonly number[], number: number, offset = 0): void {
  for (const at of places) {
    for (let digit = 0; digit < 8; digit++) {
      request[at + offset + digit] = HEX[(number >>> (28 - 4 * digit)) & 15] ?? 0;
    }
  }
}

import { Controller } from '@nestjs/common';
import {
  Attribute,
  type Compound,
  compound,
  CreateResource,
  Decoded,
  FetchResource,
  fraction,
  instant,
  integer,
  Listing,
  type ListRequest,
  ListResources,
  type New,
  type Page,
  PathNumber,
  PathText,
  Resource,
  ResourceId,
  text,
  ToMany,
  ToOne,
} from '../../src/json-api';
import { refusal } from '../../src/refusals';
import { asked, Crate, uuidOf } from './crates';
import { pageOf } from './paging';

/** A resource that is found by its number below another one. */
@Resource({
  type: 'slots',
  path: '/crates',
  address: (slot: Slot) => `/crates/${slot.crate}/slots/${slot.number}`,
})
export class Slot {
  readonly id: string;

  @Attribute(integer({ minimum: 1 }), { write: 'never', example: 3 })
  readonly number: number;

  @Attribute(integer({ minimum: 0 }), { write: 'never' })
  readonly row: number;

  @Attribute(fraction(), { write: 'never', description: 'How much of it is taken.' })
  readonly filled: number;

  @Attribute(fraction({ nullable: true }), { write: 'never' })
  readonly reserved: number | null;

  @ToOne('crates', { write: 'never' })
  readonly crate: string;

  @ToMany('parcels', { write: 'never', linked: 'parcels' })
  readonly parcels?: readonly { readonly id: string }[];
}

/** A resource that is created with others. */
@Resource({ type: 'racks', path: '/racks' })
export class Rack {
  readonly id: string;

  @Attribute(integer({ minimum: 0, maximum: 9 }), { write: 'required', example: 2 })
  height: number;

  @ToOne('crates', { write: 'never', nullable: true })
  readonly crate: string | null;

  @ToMany('slots', { write: 'never', linked: 'slots' })
  readonly slots?: readonly { readonly id: string }[];
}

/** A resource whose ids are texts of people. */
@Resource({ type: 'brands', path: '/stock/brands', ids: 'text', exampleId: 'north & south' })
export class Brand {
  readonly id: string;

  @Attribute(text({ maximum: 200 }), { write: 'never' })
  readonly name: string;

  @ToMany('crates', { write: 'never', linked: 'crates' })
  readonly crates?: readonly { readonly id: string }[];
}

/** The only one of its type. */
@Resource({ type: 'stock_totals', path: '/stock/totals', ids: 'text', address: () => '/stock/totals' })
class StockTotals {
  readonly id: string;

  @Attribute(integer({ minimum: 0 }), { write: 'never' })
  readonly crates: number;
}

/** A resource that has no address. */
@Resource({ type: 'readings', path: '/stock/readings', ids: 'text', address: () => null })
export class Reading {
  readonly id: string;

  @Attribute(instant(), { write: 'never' })
  readonly takenAt: Date;
}

export const CRATE = uuidOf(100);

/** Ten slots in rows of four; their ids run against their numbers. */
const SLOTS: readonly Slot[] = Array.from({ length: 10 }, (_, n) => ({
  id: uuidOf(50 - n),
  number: n + 1,
  row: Math.floor(n / 4),
  filled: n === 0 ? 0 : 1 / 7 ** n,
  reserved: n % 2 === 0 ? null : n / 9,
  crate: CRATE,
}));

/** What is hard to bring through addresses. */
export const HARD_NAMES = [
  'plain',
  'a/b',
  'what?',
  '100%',
  '%2F',
  'two words',
  ' spaced ',
  'Käse & Brüder',
  '日本 😀',
  '#1',
  'a+b=c;d',
  'minute:2026-01-01T00:00:00.000Z',
  `"'\\`,
  uuidOf(10).toUpperCase(),
  'x'.repeat(128),
];

const BRANDS: readonly Brand[] = HARD_NAMES.map((id) => ({ id, name: `the brand ${id}` }));

const READINGS: readonly Reading[] = [1, 2, 3].map((day) => {
  const takenAt = new Date(Date.UTC(2026, 0, day));
  return { id: `day:${takenAt.toISOString()}`, takenAt };
});

/** What the methods read in their addresses, newest last. */
export const named: unknown[] = [];

@Controller('crates')
export class SlotsController {
  @ListResources(Slot, {
    summary: 'List the slots of a crate',
    of: Crate,
    sort: ['row', 'filled'],
    order: ['number'],
  })
  list(
    @ResourceId() crate: string,
    @Listing() request: ListRequest<object, 'row' | 'filled' | 'number'>,
  ): Page<Slot> {
    asked.push(request);
    if (crate !== CRATE) throw refusal('not_found');
    return pageOf(SLOTS, request);
  }

  @FetchResource(Slot, { summary: 'Read a slot', at: ':id/slots/:number' })
  find(@ResourceId() crate: string, @PathNumber('number') number: number): Slot {
    named.push(number);
    const slot = SLOTS.find((one) => one.crate === crate && one.number === number);
    if (slot === undefined) throw refusal('not_found');
    return slot;
  }
}

@Controller('racks')
export class RacksController {
  @CreateResource(Rack, { summary: 'Put up a rack', includes: ['slots'] })
  create(@Decoded() { height }: New<Rack>): Compound<Rack> {
    const items = SLOTS.slice(0, height);
    const slots = items.map(({ id }) => ({ id }));
    return compound({ id: uuidOf(1), height, crate: height > 1 ? CRATE : null, slots }, [
      { of: Slot, items },
    ]);
  }
}

@Controller('stock')
export class StockController {
  @ListResources(Brand, { summary: 'List brands', at: 'brands' })
  brands(@Listing() request: ListRequest): Page<Brand> {
    return pageOf(BRANDS, request);
  }

  @FetchResource(Brand, { summary: 'Read a brand', at: 'brands/:name' })
  brand(@PathText('name') name: string): Brand {
    named.push(name);
    const brand = BRANDS.find(({ id }) => id === name);
    if (brand === undefined) throw refusal('not_found');
    return brand;
  }

  @FetchResource(StockTotals, { summary: 'Read the totals', at: 'totals' })
  totals(): StockTotals {
    return { id: 'all', crates: 3 };
  }

  @ListResources(Reading, {
    summary: 'List readings',
    at: 'readings',
    order: ['takenAt'],
    meta: {
      type: 'object',
      required: ['last', 'sum'],
      properties: { last: instant({ nullable: true }).schema, sum: { type: 'integer' } },
    },
  })
  readings(@Listing() request: ListRequest<object, 'takenAt'>): Page<Reading> {
    const meta = { last: READINGS.at(-1)?.takenAt ?? null, sum: 2n ** 60n + 1n, nothing: undefined };
    return { ...pageOf(READINGS, request), meta };
  }
}

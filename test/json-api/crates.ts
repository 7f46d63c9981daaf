import { Controller } from '@nestjs/common';
import { ValidateBy, type ValidationArguments } from 'class-validator';
import {
  Attribute,
  bigInteger,
  boolean,
  ChangeResource,
  type Changes,
  choice,
  type Compound,
  compound,
  CreateResource,
  Decoded,
  FetchResource,
  type FilterValues,
  Include,
  type Included,
  instant,
  integer,
  Listing,
  type ListRequest,
  ListResources,
  type New,
  type Page,
  RemoveResource,
  Resource,
  ResourceId,
  text,
  ToMany,
  ToOne,
  uuid,
} from '../../src/json-api';
import { refusal } from '../../src/refusals';
import { pageOf } from './paging';

/** A resource with a list of its own below it. */
@Resource({ type: 'depots', path: '/depots', description: 'Where crates are kept.' })
export class Depot {
  readonly id: string;

  @Attribute(text({ maximum: 20 }), { write: 'never' })
  readonly name: string;

  @ToMany('crates', { write: 'never', linked: 'crates', description: 'What is kept there.' })
  readonly crates?: readonly { id: string }[];
}

/** So many parcels in a crate. */
interface Content {
  id: string;
  quantity: number;
  readonly unitPriceCents: number;
}

/** A rule over several properties; of a change it sees only what was sent. */
function Demand(sentence: string, holds: (crate: Partial<Crate>) => boolean): PropertyDecorator {
  const validate = (_: unknown, context?: ValidationArguments): boolean => holds(context?.object as Crate);
  return ValidateBy({ name: 'demand', validator: { validate, defaultMessage: () => sentence } });
}

/** A resource that can be listed, changed and removed. */
@Resource({ type: 'crates', path: '/crates', description: 'Parcels that travel together.' })
export class Crate {
  readonly id: string;

  @Attribute(text({ maximum: 20 }), { write: 'required', example: 'north' })
  label: string;

  @Attribute(integer({ minimum: 1, maximum: 100 }), { write: 'required', change: false, example: 4 })
  slots: number;

  @Attribute(integer({ minimum: 1 }), { write: 'optional', change: false, default: null, example: 5 })
  tare: number | null;

  @Attribute(choice(['open', 'closed']), { write: 'never', change: true })
  readonly state: 'open' | 'closed';

  @Attribute(boolean(), { write: 'optional', default: false })
  cooled: boolean;

  @Attribute(instant({ nullable: true }), { write: 'optional' })
  leavesAt: Date | null;

  @Attribute(text({ minimum: 0, maximum: 9 }), { write: 'optional', default: '', answer: false })
  password: string;

  @Attribute(bigInteger(), { write: 'never' })
  readonly worthCents: bigint;

  @Demand(
    '`contents` must fit into the `slots`.',
    ({ contents, slots }) => typeof slots !== 'number' || (contents?.length ?? 0) <= slots,
  )
  @ToMany('parcels', {
    write: 'optional',
    meta: {
      quantity: { kind: integer({ minimum: 1, maximum: 9 }), write: 'required', example: 2 },
      unitPriceCents: { kind: integer({ minimum: 0 }), write: 'never', description: 'Of each.' },
    },
    maximum: 3,
  })
  contents: readonly Content[] | null;

  @ToMany('users', { write: 'optional', id: 'uuid' })
  owners: readonly { id: string }[] | null;

  @Demand('What is `cooled` needs a `depot`.', ({ cooled, depot }) => cooled !== true || depot !== null)
  @ToOne('depots', { write: 'optional', id: 'uuid' })
  depot: string | null;

  @ToOne('stamps', { write: 'optional', answer: false })
  stamp?: string | null;
}

/** A crate as a service returns it: it is enough that the properties are there. */
type CrateData = Pick<Crate, keyof Crate>;

/** The nth UUID of those that the demo hands out. */
export function uuidOf(n: number): string {
  return `0190c9f4-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

export const DEPOTS: readonly Pick<Depot, keyof Depot>[] = [1, 2].map((n) => ({
  id: uuidOf(n),
  name: `depot ${n}`,
}));

/** The nth crate. */
export function crate(n: number, set: Partial<Crate> = {}): CrateData {
  return {
    id: uuidOf(100 + n),
    label: `crate ${n % 3}`,
    slots: 4,
    tare: 5,
    state: n % 2 === 0 ? 'open' : 'closed',
    cooled: n % 4 === 0,
    leavesAt: n % 5 === 0 ? null : new Date(Date.UTC(2026, 5, 1 + (n % 3), 10)),
    password: '',
    worthCents: BigInt(n % 4) * 2n ** 54n + 1n,
    contents: [{ id: uuidOf(50), quantity: 2, unitPriceCents: 490 }],
    owners: [],
    depot: n % 3 === 0 ? null : uuidOf(1 + (n % 2)),
    ...set,
  };
}

/** The crates there are, so that tests can put others in their place. */
export const crates: CrateData[] = [];

/** What list methods were asked for, newest last. */
export const asked: ListRequest<object, string>[] = [];

const FILTERS = {
  state: choice(['open', 'closed']),
  cooled: boolean(),
  leavesAfter: { kind: instant(), description: 'Only crates that leave later.' },
  depot: uuid(),
  label: text({ maximum: 20 }),
  slots: integer({ minimum: 1 }),
};
type CrateList = ListRequest<FilterValues<typeof FILTERS>, 'label' | 'leavesAt' | 'worthCents'>;

function depotsOf(items: readonly Crate[]): Included {
  // Twice, as a careless service might.
  return [1, 2].map(() => ({
    of: Depot,
    items: DEPOTS.filter(({ id }) => items.some((c) => c.depot === id)),
  }));
}

function find(id: string): CrateData {
  const found = crates.find((one) => one.id === id);
  if (found === undefined) throw refusal('not_found');
  return found;
}

@Controller('crates')
export class CratesController {
  @CreateResource(Crate, { summary: 'Pack a crate', example: { attributes: { label: 'x', slots: 1 } } })
  create(@Decoded() sent: New<Crate>): Crate {
    const contents = (sent.contents ?? []).map((content) => ({ ...content, unitPriceCents: 490 }));
    const added = crate(crates.length, {
      ...sent,
      contents,
      tare: sent.tare ?? 1,
      owners: sent.owners ?? [],
    });
    crates.push(added);
    return added;
  }

  @ListResources(Crate, {
    summary: 'List crates',
    filters: FILTERS,
    sort: ['label', 'leavesAt', 'worthCents'],
    include: ['depot'],
  })
  list(@Listing() request: CrateList): Page<Crate> {
    asked.push(request);
    const { state, cooled, leavesAfter, depot, label, slots } = request.filters;
    const wanted = crates.filter(
      (one) =>
        (state === undefined || one.state === state) &&
        (cooled === undefined || one.cooled === cooled) &&
        (leavesAfter === undefined || (one.leavesAt !== null && one.leavesAt > leavesAfter)) &&
        (depot === undefined || one.depot === depot) &&
        (label === undefined || one.label === label) &&
        (slots === undefined || one.slots === slots),
    );
    const page = pageOf(wanted, request);
    return request.include.has('depot') ? { ...page, included: depotsOf(page.items) } : page;
  }

  @FetchResource(Crate, { summary: 'Read a crate', include: ['depot'] })
  find(@ResourceId() id: string, @Include() include: ReadonlySet<string>): Crate | Compound<Crate> {
    const found = find(id);
    return include.has('depot') ? compound(found, depotsOf([found])) : found;
  }

  @ChangeResource(Crate, { summary: 'Change a crate' })
  change(
    @ResourceId() id: string,
    @Decoded() changes: Changes<Crate, 'label' | 'state' | 'cooled' | 'leavesAt' | 'password'>,
  ): Crate {
    const changed = { ...find(id), ...changes };
    crates[crates.indexOf(find(id))] = changed;
    return changed;
  }

  @RemoveResource(Crate, { summary: 'Unpack a crate' })
  async remove(@ResourceId() id: string): Promise<void> {
    await Promise.resolve();
    crates.splice(crates.indexOf(find(id)), 1);
  }
}

@Controller('depots')
export class DepotsController {
  @FetchResource(Depot, { summary: 'Read a depot', include: ['crates'] })
  find(@ResourceId() id: string, @Include() include: ReadonlySet<string>): Depot | Compound<Depot> {
    const depot = DEPOTS.find((one) => one.id === id);
    if (depot === undefined) throw refusal('not_found');
    if (!include.has('crates')) return depot;
    const kept = crates.filter((one) => one.depot === id);
    return compound({ ...depot, crates: kept.map((one) => ({ id: one.id })) }, [{ of: Crate, items: kept }]);
  }

  @ListResources(Crate, { summary: 'List the crates of a depot', of: Depot, filters: { cooled: boolean() } })
  crates(@ResourceId() id: string, @Listing() request: ListRequest<{ cooled: boolean }>): Page<Crate> {
    if (!DEPOTS.some((one) => one.id === id)) throw refusal('not_found');
    asked.push(request);
    return pageOf(
      crates.filter((one) => one.depot === id),
      request,
    );
  }
}

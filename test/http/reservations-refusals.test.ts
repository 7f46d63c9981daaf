import { randomUUID } from 'node:crypto';
import { audit } from '../../src/allocation/audit';
import { allRows, startApp, type TestApp } from '../support/app';
import { purchase, reservation, reservationOfSeveral } from '../support/builders';
import { Client } from './client';
import { holdsOf, letADayPass, SWEEPS, until } from './reservation-steps';
import { type Answer, errorsOf } from './wire';

const FUTURE = '9999-01-01T00:00:00.000Z';
const PAST = '2020-01-01T00:00:00.000Z';
const LIST = '/data/relationships/ticket_options/data';

/** What an error is expected to say: its code, its place, and its figures. */
type Told = readonly [code: string, pointer: string, meta?: Record<string, unknown>];

/** Everything that can be wrong at once: five are wanted, three exist, two may be ordered, and one may be had. */
const ALL = { allocation: 3, max_per_order: 2, max_per_user: 1 };

describe.each(SWEEPS)('with the sweep %s', (sweep, env) => {
  let app: TestApp;
  let client: Client;
  let event = '';
  let fine = '';
  beforeAll(async () => {
    app = await startApp({ env });
    client = new Client(app);
  });
  afterAll(() => app.stop());
  beforeEach(async () => {
    event = (await client.event()).id;
    fine = await option();
  });
  afterEach(async () => {
    expect(await audit(app.database)).toEqual([]);
  });

  const option = async (attributes: Record<string, unknown> = {}): Promise<string> =>
    (await client.option(attributes, event)).id;
  const post = (document: unknown): Promise<Answer> => client.post('/reservations', document);
  const one = (ticketOption: string, quantity: number, user: string = randomUUID()) =>
    post(reservation({ ticketOption, quantity, user }));
  const several = (wanted: readonly (readonly [string, number])[], user: string = randomUUID()) =>
    post(reservationOfSeveral({ ticketOptions: wanted, user }));

  /** Sends a request that is refused. Its answer has exactly these errors, and no row is another afterwards. */
  async function refused(send: () => Promise<Answer>, status: number, ...expected: Told[]): Promise<void> {
    const before = await allRows(app.database);
    const answer = await send();
    expect(answer.status).toBe(status);
    const told = errorsOf(answer).map(({ code, source, meta }) =>
      meta === undefined ? [code, source?.pointer] : [code, source?.pointer, meta],
    );
    expect(told).toEqual(expected);
    expect(await allRows(app.database)).toBe(before);
  }

  describe.each<[string, number, Record<string, unknown>, 'id' | 'quantity', Record<string, unknown>]>([
    ['sales_not_started', 409, { ...ALL, sales_start_at: FUTURE }, 'id', { sales_start_at: FUTURE }],
    ['sales_ended', 409, { ...ALL, sales_end_at: PAST }, 'id', { sales_end_at: PAST }],
    ['order_limit_exceeded', 409, ALL, 'quantity', { limit: 2 }],
    [
      'user_limit_exceeded',
      409,
      { allocation: 3, max_per_user: 4 },
      'quantity',
      { limit: 4, has: 0, per: 'ticket_option' },
    ],
    ['insufficient_tickets', 409, { allocation: 3, max_per_user: 5 }, 'quantity', { remaining: 3 }],
  ])('%s', (code, status, attributes, about, meta) => {
    const place = about === 'id' ? '/data/relationships/ticket_option/data/id' : '/data/attributes/quantity';
    const placeIn = (index: number): string => `${LIST}/${index}/${about === 'id' ? 'id' : 'meta/quantity'}`;

    test(`of one kind is told at ${place}, before what comes below it`, async () => {
      const bad = await option(attributes);
      await refused(() => one(bad, 5), status, [code, place, meta]);
    });

    test('of one kind in a list is told at its item', async () => {
      const bad = await option(attributes);
      await refused(() => several([[bad, 5]]), status, [code, placeIn(0), meta]);
    });

    test('of several kinds is told for each of them, and what was fine is not reserved either', async () => {
      const [bad, worse] = [await option(attributes), await option(attributes)];
      const wanted = [
        [fine, 1],
        [bad, 5],
        [await option(), 1],
        [worse, 5],
      ] as const;
      await refused(() => several(wanted), status, [code, placeIn(1), meta], [code, placeIn(3), meta]);
    });
  });

  describe('the order of refusals', () => {
    test('of several kinds the first reason in the order of all reasons is the one that is told', async () => {
      const wanted = [
        [await option({ allocation: 3 }), 5],
        [await option({ max_per_user: 4 }), 5],
        [await option({ max_per_order: 2 }), 5],
        [await option({ sales_end_at: PAST }), 5],
        [await option({ sales_start_at: FUTURE }), 5],
      ] as const;
      const told: Told[] = [
        ['insufficient_tickets', `${LIST}/0/meta/quantity`, { remaining: 3 }],
        ['user_limit_exceeded', `${LIST}/1/meta/quantity`, { limit: 4, has: 0, per: 'ticket_option' }],
        ['order_limit_exceeded', `${LIST}/2/meta/quantity`, { limit: 2 }],
        ['sales_ended', `${LIST}/3/id`, { sales_end_at: PAST }],
        ['sales_not_started', `${LIST}/4/id`, { sales_start_at: FUTURE }],
      ];
      for (let count = 1; count <= wanted.length; count += 1)
        await refused(() => several(wanted.slice(0, count)), 409, ...told.slice(count - 1, count));
    });

    test('a cancelled event comes before them, for every kind', async () => {
      const bad = await option({ ...ALL, sales_start_at: FUTURE });
      await client.change(await client.read(`/events/${event}`), { status: 'cancelled' });
      await refused(() => one(bad, 5), 409, ['event_cancelled', '/data/relationships/ticket_option/data/id']);
      await refused(
        () =>
          several([
            [fine, 1],
            [bad, 5],
          ]),
        409,
        ['event_cancelled', `${LIST}/0/id`],
        ['event_cancelled', `${LIST}/1/id`],
      );
    });

    test('D8 what is not there comes before all of that', async () => {
      await client.change(await client.read(`/events/${event}`), { status: 'cancelled' });
      await refused(
        () =>
          several([
            [fine, 1],
            [randomUUID(), 1],
            ['abc', 1],
          ]),
        404,
        ['not_found', `${LIST}/1/id`],
        ['not_found', `${LIST}/2/id`],
      );
    });
  });

  describe('D8 not_found', () => {
    test.each([
      ['unknown', () => randomUUID()],
      ['no UUID', () => 'abc'],
      ['the id of an event', () => event],
    ])('an option that is %s', async (_, id) => {
      await refused(() => one(id(), 1), 404, ['not_found', '/data/relationships/ticket_option/data/id']);
      await refused(() => several([[id(), 1]]), 404, ['not_found', `${LIST}/0/id`]);
      const wanted = [
        [fine, 1],
        [id(), 1],
      ] as const;
      await refused(() => several(wanted), 404, ['not_found', `${LIST}/1/id`]);
    });

    test('an option that has been deleted, though the service knew it a moment ago', async () => {
      const gone = await option();
      await refused(() => one(gone, 101), 409, [
        'insufficient_tickets',
        '/data/attributes/quantity',
        { remaining: 100 },
      ]);
      expect((await client.remove(`/ticket_options/${gone}`)).status).toBe(204);
      await refused(() => one(gone, 1), 404, ['not_found', '/data/relationships/ticket_option/data/id']);
      const wanted = [
        [fine, 1],
        [gone, 1],
      ] as const;
      await refused(() => several(wanted), 404, ['not_found', `${LIST}/1/id`]);
    });

    test('options of an event that has been deleted', async () => {
      const other = await option();
      expect((await client.remove(`/events/${event}`)).status).toBe(204);
      const wanted = [
        [fine, 1],
        [other, 1],
      ] as const;
      await refused(() => several(wanted), 404, ['not_found', `${LIST}/0/id`], ['not_found', `${LIST}/1/id`]);
    });
  });

  describe('options of several events', () => {
    test.each([
      ['that nobody has asked for before', false],
      ['that the service knows', true],
    ])('%s are refused at the first that is of another', async (_, isKnown) => {
      const [other, third] = [(await client.option()).id, (await client.option()).id];
      const fineToo = await option();
      if (isKnown) for (const id of [fine, fineToo, other, third]) await client.read(`/ticket_options/${id}`);
      const wanted = [
        [fine, 1],
        [fineToo, 1],
        [other, 1],
        [third, 1],
      ] as const;
      await refused(() => several(wanted), 400, ['invalid_relationship', `${LIST}/2/id`]);
    });

    test('are refused before what else is wrong with them', async () => {
      const wanted = [
        [(await client.option({ allocation: 0 })).id, 1],
        [await option({ sales_start_at: FUTURE }), 1],
      ] as const;
      await refused(() => several(wanted), 400, ['invalid_relationship', `${LIST}/1/id`]);
    });
  });

  describe('user_limit_exceeded', () => {
    const QUANTITY = '/data/attributes/quantity';
    const buy = (ticketOption: string, quantity: number, user: string) =>
      client.post('/purchases', purchase({ ticketOption, quantity, user }));

    test('counts what is bought and what is held together, and not what was cancelled', async () => {
      const limited = await option({ max_per_user: 4 });
      const user = randomUUID();
      expect((await buy(limited, 1, user)).status).toBe(201);
      const held = await client.reserve(limited, 2, user);
      const has = (tickets: number): Told => [
        'user_limit_exceeded',
        QUANTITY,
        { limit: 4, has: tickets, per: 'ticket_option' },
      ];
      await refused(() => one(limited, 2, user), 409, has(3));
      await refused(() => buy(limited, 2, user), 409, has(3));
      await client.reserve(limited, 1, user);
      await refused(() => one(limited, 1, user), 409, has(4));
      await client.remove(held.links.self);
      await refused(() => buy(limited, 3, user), 409, has(2));
      expect((await buy(limited, 1, user)).status).toBe(201);
      await client.reserve(limited, 1, user);
      await refused(() => one(limited, 1, user), 409, has(4));
      await client.reserve(limited, 4); // somebody else
    });

    test('over a whole event is about the quantity, or about the list of kinds', async () => {
      await client.change(await client.read(`/events/${event}`), { max_tickets_per_user: 4 });
      const other = await option();
      const user = randomUUID();
      await buy(fine, 1, user);
      await client.reserve(other, 2, user);
      const meta = { limit: 4, has: 3, per: 'event' };
      await refused(() => one(other, 2, user), 409, ['user_limit_exceeded', QUANTITY, meta]);
      await refused(() => buy(other, 2, user), 409, ['user_limit_exceeded', QUANTITY, meta]);
      const wanted = [
        [fine, 1],
        [other, 1],
      ] as const;
      await refused(() => several(wanted, user), 409, ['user_limit_exceeded', LIST, meta]);
      await client.reserve(fine, 1, user);
    });

    test('of options and of their event are told together', async () => {
      await client.change(await client.read(`/events/${event}`), { max_tickets_per_user: 5 });
      const [two, three] = [await option({ max_per_user: 2 }), await option({ max_per_user: 3 })];
      const user = randomUUID();
      await client.reserveSeveral(
        [
          [two, 1],
          [fine, 1],
        ],
        user,
      );
      const wanted = [
        [fine, 1],
        [two, 2],
        [three, 4],
      ] as const;
      await refused(
        () => several(wanted, user),
        409,
        ['user_limit_exceeded', `${LIST}/1/meta/quantity`, { limit: 2, has: 1, per: 'ticket_option' }],
        ['user_limit_exceeded', `${LIST}/2/meta/quantity`, { limit: 3, has: 0, per: 'ticket_option' }],
        ['user_limit_exceeded', LIST, { limit: 5, has: 2, per: 'event' }],
      );
    });
  });

  describe('insufficient_tickets', () => {
    test('tells what remains of each kind, also when it is nothing', async () => {
      const [none, few] = [await option({ allocation: 0 }), await option({ allocation: 5 })];
      await client.reserve(few, 2);
      await client.post('/purchases', purchase({ ticketOption: few, quantity: 2 }));
      const wanted = [
        [none, 1],
        [few, 1],
      ] as const;
      await refused(() => several(wanted), 409, [
        'insufficient_tickets',
        `${LIST}/0/meta/quantity`,
        { remaining: 0 },
      ]);
      await refused(() => one(few, 2), 409, [
        'insufficient_tickets',
        '/data/attributes/quantity',
        { remaining: 1 },
      ]);
    });

    test.each([1e9, 2_147_483_647])('of %d tickets is no error of the service', async (quantity) => {
      const meta = { remaining: 100 };
      await refused(() => one(fine, quantity), 409, [
        'insufficient_tickets',
        '/data/attributes/quantity',
        meta,
      ]);
      const others = [await option(), await option()];
      await refused(
        () => several(others.map((id) => [id, quantity])),
        409,
        ['insufficient_tickets', `${LIST}/0/meta/quantity`, meta],
        ['insufficient_tickets', `${LIST}/1/meta/quantity`, meta],
      );
    });

    test('of 60 who come at once for 20 pairs of kinds, exactly 20 get one', async () => {
      const [left, right] = [await option({ allocation: 20 }), await option({ allocation: 25 })];
      const wanted = (index: number): (readonly [string, number])[] =>
        index % 2 === 0
          ? [
              [left, 1],
              [right, 1],
            ]
          : [
              [right, 1],
              [left, 1],
            ];
      const all = await Promise.all(Array.from({ length: 60 }, (_, index) => several(wanted(index))));
      expect(all.filter(({ status }) => status === 201)).toHaveLength(20);
      expect(all.filter(({ status }) => status === 409)).toHaveLength(40);
      const shown = await Promise.all([left, right].map((id) => client.read(`/ticket_options/${id}`)));
      expect(shown.map(({ attributes }) => attributes)).toMatchObject([
        { remaining: 0, reserved: 20 },
        { remaining: 5, reserved: 20 },
      ]);
    });
  });

  describe('what is over', () => {
    /** Of five tickets a user has bought one, and held three until a moment ago. */
    async function over(attributes: Record<string, unknown>) {
      const [user, id] = [randomUUID(), await option({ allocation: 5, ...attributes })];
      await client.post('/purchases', purchase({ ticketOption: id, quantity: 1, user }));
      const held = await client.reserve(id, 3, user);
      await letADayPass(app.database, held.id);
      if (sweep === 'on') await until(async () => (await holdsOf(app.database, held.id)) === 0);
      return { user, id };
    }

    test('counts as remaining in what is told', async () => {
      const { id } = await over({});
      const told = ['insufficient_tickets', '/data/attributes/quantity', { remaining: 4 }] as const;
      await refused(() => one(id, 5), 409, told);
      await client.reserve(id, 4);
    });

    test('is not what the user has', async () => {
      const { id, user } = await over({ max_per_user: 4 });
      const meta = { limit: 4, has: 1, per: 'ticket_option' };
      await refused(() => one(id, 4, user), 409, ['user_limit_exceeded', '/data/attributes/quantity', meta]);
      await client.reserve(id, 3, user);
    });
  });
});

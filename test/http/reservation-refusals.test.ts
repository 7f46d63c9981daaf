import { randomUUID } from 'node:crypto';
import { startApp, type TestApp } from '../support/app';
import { change, reservation, reservationOfSeveral, toOne } from '../support/builders';
import { Client } from './client';
import { errorOf, errorsOf, idIn } from './wire';

const LIST = '/data/relationships/ticket_options/data';
const AT_OPTION = { pointer: '/data/relationships/ticket_option/data/id' };
const AT_QUANTITY = { pointer: '/data/attributes/quantity' };
const FUTURE = '9999-01-01T00:00:00.000Z';

let app: TestApp;
let client: Client;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
});
afterAll(() => app.stop());

const reserve = (document: unknown) => client.post('/reservations', document);

describe('what is wanted must be said in one way', () => {
  const user = toOne('users', randomUUID());
  const ticketOption = toOne('ticket_options', randomUUID());
  const link = { type: 'ticket_options', id: randomUUID() };
  const several = { data: [{ ...link, meta: { quantity: 1 } }] };

  test.each<[string, Record<string, unknown> | undefined, Record<string, unknown>, string]>([
    ['nothing', { quantity: 1 }, { user }, '/data/relationships'],
    [
      'null',
      { quantity: 1 },
      { user, ticket_option: { data: null } },
      '/data/relationships/ticket_option/data',
    ],
    [
      'one and several',
      undefined,
      { user, ticket_option: ticketOption, ticket_options: several },
      AT_OPTION.pointer,
    ],
    ['one without a quantity', {}, { user, ticket_option: ticketOption }, '/data/attributes'],
    ['one without attributes', undefined, { user, ticket_option: ticketOption }, '/data'],
    ['one with nothing of it', { quantity: 0 }, { user, ticket_option: ticketOption }, AT_QUANTITY.pointer],
    [
      'one with more than fits',
      { quantity: 2_147_483_648 },
      { user, ticket_option: ticketOption },
      AT_QUANTITY.pointer,
    ],
    ['several and a quantity', { quantity: 1 }, { user, ticket_options: several }, AT_QUANTITY.pointer],
    ['an empty list', {}, { user, ticket_options: { data: [] } }, LIST],
    ['one of several without a quantity', {}, { user, ticket_options: { data: [link] } }, `${LIST}/0`],
    [
      'one of several with nothing of it',
      {},
      { user, ticket_options: { data: [{ ...link, meta: { quantity: 0 } }] } },
      `${LIST}/0/meta/quantity`,
    ],
    [
      'one of several with a price',
      {},
      { user, ticket_options: { data: [{ ...link, meta: { quantity: 1, unit_price_cents: 0 } }] } },
      `${LIST}/0/meta/unit_price_cents`,
    ],
    [
      'the same twice',
      {},
      { user, ticket_options: { data: [...several.data, ...several.data] } },
      `${LIST}/1/id`,
    ],
    ['more kinds than 20', {}, { user, ticket_options: { data: Array(21).fill(several.data[0]) } }, LIST],
    ['nobody', { quantity: 1 }, { ticket_option: ticketOption }, '/data/relationships'],
  ])('%s is refused', async (_, attributes, relationships, pointer) => {
    const document = { data: { type: 'reservations', attributes, relationships } };
    const errors = errorsOf(await reserve(document));
    expect(errors.map(({ source }) => source)).toContainEqual({ pointer });
    expect(errors.filter(({ source }) => source?.pointer === pointer)).toHaveLength(1);
  });

  test.each(['status', 'total_cents', 'expires_at', 'created_at'])('%s cannot be sent', async (name) => {
    const document = reservation({ ticketOption: randomUUID() });
    document.data.attributes[name] = FUTURE;
    expect(errorsOf(await reserve(document))).toMatchObject([
      { status: '403', code: 'read_only', source: { pointer: `/data/attributes/${name}` } },
    ]);
  });
});

describe('refusals are told at their place', () => {
  const MORE = { allocation: 3, max_per_order: 2, max_per_user: 1 };

  test.each([
    ['sales_not_started', { ...MORE, sales_start_at: FUTURE }, AT_OPTION, 'id', { sales_start_at: FUTURE }],
    [
      'sales_ended',
      { ...MORE, sales_end_at: '2020-01-01T00:00:00.000Z' },
      AT_OPTION,
      'id',
      { sales_end_at: '2020-01-01T00:00:00.000Z' },
    ],
    ['order_limit_exceeded', MORE, AT_QUANTITY, 'meta/quantity', { limit: 2 }],
    [
      'user_limit_exceeded',
      { allocation: 3, max_per_user: 4 },
      AT_QUANTITY,
      'meta/quantity',
      { limit: 4, has: 0, per: 'ticket_option' },
    ],
    ['insufficient_tickets', { allocation: 3 }, AT_QUANTITY, 'meta/quantity', { remaining: 3 }],
  ])('%s', async (code, attributes, source, place, meta) => {
    const [one, other] = await client.twoOptions(attributes);
    const error = errorsOf(await reserve(reservation({ ticketOption: one.id, quantity: 5 })));
    expect(error).toMatchObject([{ status: '409', code, source, meta }]);
    const ticketOptions = [one, other].map(({ id }) => [id, 5] as const);
    const errors = errorsOf(await reserve(reservationOfSeveral({ ticketOptions })));
    expect(errors).toMatchObject([
      { code, source: { pointer: `${LIST}/0/${place}` }, meta },
      { code, source: { pointer: `${LIST}/1/${place}` }, meta },
    ]);
  });

  test('user_limit_exceeded over the whole event is about all of them', async () => {
    const [one, other] = await client.twoOptions({}, { max_tickets_per_user: 3 });
    const meta = { limit: 3, has: 0, per: 'event' };
    expect(errorsOf(await reserve(reservation({ ticketOption: one.id, quantity: 4 })))).toMatchObject([
      { code: 'user_limit_exceeded', source: AT_QUANTITY, meta },
    ]);
    const ticketOptions = [one, other].map(({ id }) => [id, 2] as const);
    expect(errorsOf(await reserve(reservationOfSeveral({ ticketOptions })))).toMatchObject([
      { code: 'user_limit_exceeded', source: { pointer: LIST }, meta },
    ]);
  });

  test('event_cancelled', async () => {
    const [one] = await client.twoOptions();
    await client.patch(
      `/events/${idIn(one, 'event')}`,
      change('events', idIn(one, 'event'), { status: 'cancelled' }),
    );
    expect(errorsOf(await reserve(reservation({ ticketOption: one.id })))).toMatchObject([
      { status: '409', code: 'event_cancelled', source: AT_OPTION },
    ]);
  });

  test('D8 not_found for every option that is not there', async () => {
    const [one] = await client.twoOptions();
    expect(errorsOf(await reserve(reservation({ ticketOption: randomUUID() })))).toMatchObject([
      { status: '404', code: 'not_found', source: AT_OPTION, detail: 'There is no such ticket option.' },
    ]);
    expect(errorOf(await reserve(reservation({ ticketOption: 'abc' }))).code).toBe('not_found');
    const ticketOptions = [randomUUID(), one.id, 'abc'].map((id) => [id, 1] as const);
    expect(errorsOf(await reserve(reservationOfSeveral({ ticketOptions })))).toMatchObject([
      { code: 'not_found', source: { pointer: `${LIST}/0/id` } },
      { code: 'not_found', source: { pointer: `${LIST}/2/id` } },
    ]);
  });

  test('not_found for an option that has been deleted since it was known', async () => {
    const option = await client.option();
    await client.read(option.links.self);
    await client.remove(option.links.self);
    expect(errorsOf(await reserve(reservation({ ticketOption: option.id })))).toMatchObject([
      { code: 'not_found', source: AT_OPTION },
    ]);
  });

  test('invalid_relationship for an option of another event', async () => {
    const [one, other] = await client.twoOptions();
    const foreign = await client.option();
    const ticketOptions = [one, other, foreign].map(({ id }) => [id, 1] as const);
    expect(errorsOf(await reserve(reservationOfSeveral({ ticketOptions })))).toMatchObject([
      { status: '400', code: 'invalid_relationship', source: { pointer: `${LIST}/2/id` } },
    ]);
    expect((await client.read(one.links.self)).attributes).toMatchObject({ reserved: 0 });
  });
});

import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { v5 } from 'uuid';
import { schemaOf } from '../../src/json-api';
import { Cursors } from '../../src/json-api/cursors';
import { Ticket } from '../../src/tickets/ticket.resource';
import { startApp, type TestApp } from '../support/app';
import { purchase } from '../support/builders';
import { type ResourceObject } from '../support/json-api-document';
import { Client } from './client';
import { dataOf, errorOf, idIn, itemsOf } from './wire';

let app: TestApp;
let client: Client;
/** Of five tickets. */
let bought: ResourceObject;
beforeAll(async () => {
  app = await startApp();
  client = new Client(app);
  bought = await buy(5);
});
afterAll(() => app.stop());

async function buy(quantity: number): Promise<ResourceObject> {
  const { id } = await client.option({ allocation: 2_147_483_647 });
  return dataOf(await client.post('/purchases', purchase({ ticketOption: id, quantity })));
}

const ticketsOf = ({ links }: ResourceObject) => `${links.self}/tickets`;
const numbersOf = (tickets: readonly ResourceObject[]) =>
  tickets.map(({ attributes }) => attributes?.['number']);

/** @returns an id of a purchase from which the ids of its tickets have been worked out by other means. */
async function purchaseWithKnownTickets(): Promise<string> {
  const id = '0190c9f4-5f5a-7cc1-9d0c-2f6f5d1b3a70';
  await app.database.query(
    `INSERT INTO purchases (id, event_id, ticket_option_id, user_id, quantity, unit_price_cents, created_at)
     SELECT $1, event_id, ticket_option_id, user_id, 2000000000, 0, now() FROM purchases WHERE id = $2`,
    [id, bought.id],
  );
  return id;
}

/** Gives a purchase back, as far as reading is concerned. */
async function giveBack({ id }: ResourceObject): Promise<void> {
  await app.database.query('UPDATE purchases SET refunded_at = now() WHERE id = $1', [id]);
}

describe('the tickets of a purchase', () => {
  test('are as many as were bought, with the numbers from 1', async () => {
    const tickets = await client.list(ticketsOf(bought));
    expect(numbersOf(tickets)).toEqual([1, 2, 3, 4, 5]);
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(5);
    for (const { relationships } of tickets)
      expect(relationships).toEqual({
        purchase: { data: { type: 'purchases', id: bought.id } },
        ticket_option: { data: { type: 'ticket_options', id: idIn(bought, 'ticket_option') } },
      });
  });

  test('B14 B16 are where the purchase says', async () => {
    const related = bought.relationships?.['tickets']?.links?.related;
    expect(related).toBe(ticketsOf(bought));
    expect(await client.list(related ?? '')).toHaveLength(5);
  });

  test('B15 are each at an address of their own, as in the list', async () => {
    for (const { meta, ...ticket } of await client.list(ticketsOf(bought))) {
      expect(meta?.page.cursor).toBeDefined();
      expect(ticket.links.self).toBe(`${ticketsOf(bought)}/${String(ticket.attributes?.['number'])}`);
      expect(await client.read(ticket.links.self)).toEqual(ticket);
    }
  });

  test('B8 have ids that follow from the purchase and the number, for ever', async () => {
    const id = await purchaseWithKnownTickets();
    const known: [number, string][] = [
      [1, '8b31b979-e024-569a-894b-805aec48a2fd'],
      [2, '4c221304-89a0-578b-89db-75e51fc484aa'],
      [10, '2aa2c5fe-07b7-55cf-a683-3d8a7a7422a9'],
      [2_000_000_000, '298e62f2-a815-53fd-92cc-f60128377836'],
    ];
    for (const [number, ticket] of known)
      expect((await client.read(`/purchases/${id}/tickets/${number}`)).id).toBe(ticket);
    expect((await client.ids(`/purchases/${id}/tickets`)).slice(0, 2)).toEqual([
      known[0]?.[1],
      known[1]?.[1],
    ]);
  });

  test('are found by the id of the purchase in upper case, which is answered in lower case', async () => {
    const upper = `/purchases/${bought.id.toUpperCase()}/tickets`;
    expect((await client.read(`${upper}/3`)).links.self).toBe(`${ticketsOf(bought)}/3`);
    expect(await client.list(upper)).toEqual(await client.list(ticketsOf(bought)));
  });

  test('C8 leave out the fields that are not named', async () => {
    const query = '?fields[tickets]=number';
    const ticket = await client.read(`${ticketsOf(bought)}/2${query}`);
    expect(ticket.attributes).toEqual({ number: 2 });
    expect(ticket.relationships).toBeUndefined();
    expect(await client.list(`${ticketsOf(bought)}?fields[tickets]=purchase`)).toHaveLength(5);
  });

  test('C13 answer HEAD like GET, without the body', async () => {
    for (const path of [ticketsOf(bought), `${ticketsOf(bought)}/1`]) {
      const response = await supertest(app.server).head(path);
      expect(response.status).toBe(200);
      expect(response.headers['content-length']).toBe(String((await client.get(path)).text.length));
    }
  });

  test('C7 B19 bring the purchase and the kind of ticket along, each once', async () => {
    const option = await client.read(`/ticket_options/${idIn(bought, 'ticket_option')}`);
    for (const path of [ticketsOf(bought), `${ticketsOf(bought)}/4`]) {
      const both = await client.get(`${path}?include=purchase,ticket_option`);
      expect(both.document.included).toEqual([bought, option]);
      expect((await client.get(`${path}?include=ticket_option`)).document.included).toEqual([option]);
      expect((await client.get(`${path}?include=`)).document.included).toEqual([]);
    }
  });

  test('are none any more once the purchase is refunded', async () => {
    const refunded = await buy(3);
    const [{ meta } = bought] = await client.list(ticketsOf(refunded));
    await giveBack(refunded);
    expect((await client.read(refunded.links.self)).attributes?.['status']).toBe('refunded');
    const { document } = await client.get(`${ticketsOf(refunded)}?include=purchase`);
    expect(document).toMatchObject({ data: [], included: [], links: { prev: null, next: null } });
    for (const place of ['after', 'before'])
      expect(await client.list(`${ticketsOf(refunded)}?page[${place}]=${meta?.page.cursor}`)).toEqual([]);
    for (const number of [1, 3, 4])
      expect(errorOf(await client.get(`${ticketsOf(refunded)}/${number}`)).code).toBe('not_found');
  });
});

describe('what is no ticket', () => {
  test.each([
    ...[
      '0',
      '6',
      '-1',
      '+1',
      '-0',
      '1.5',
      '1.0',
      '01',
      '1e0',
      '0x1',
      '1%20',
      '%201',
      '1,2',
      'abc',
      'null',
      '%00',
    ],
    ...['2147483647', '2147483648', '4294967297', '99999999999999999999', '%D9%A1', '1'.repeat(300)],
  ])('C2 the number %s is answered 404', async (number) => {
    const answer = await client.get(`${ticketsOf(bought)}/${number}`);
    expect(errorOf(answer)).toMatchObject({ status: '404', code: 'not_found' });
  });

  test.each(['a random one', 'abc', 'that of a ticket'])(
    'C2 with a purchase id that is %s',
    async (which) => {
      const [ticket] = await client.ids(ticketsOf(bought));
      const id = which === 'abc' ? which : which === 'a random one' ? randomUUID() : (ticket ?? '');
      for (const path of [`/purchases/${id}/tickets`, `/purchases/${id}/tickets/1`])
        expect(errorOf(await client.get(path))).toMatchObject({ status: '404', code: 'not_found' });
    },
  );

  test.each([
    ['sort=number', 'sort'],
    ['filter[number]=1', 'filter[number]'],
    ['include=user', 'include'],
    ['include=purchase.payment', 'include'],
    ['fields[tickets]=seat', 'fields[tickets]'],
    ['page[size]=101', 'page[size]'],
    ['page[size]=0', 'page[size]'],
    ['page[number]=2', 'page[number]'],
    ['page[after]=abc', 'page[after]'],
    ['number=1', 'number'],
  ])('E1 ?%s is refused', async (query, parameter) => {
    const error = errorOf(await client.get(`${ticketsOf(bought)}?${query}`));
    expect(error).toMatchObject({ code: 'invalid_parameter', source: { parameter } });
  });

  test('I6 the cursor of one purchase is none of another', async () => {
    const other = await buy(5);
    const [first] = await client.list(ticketsOf(bought));
    const answer = await client.get(`${ticketsOf(other)}?page[after]=${first?.meta?.page.cursor}`);
    expect(errorOf(answer)).toMatchObject({ source: { parameter: 'page[after]' } });
  });
});

describe('walking through tickets', () => {
  /** Follows the links of a list until there is none. */
  async function walk(first: string, direction: 'next' | 'prev'): Promise<unknown[][]> {
    const pages: unknown[][] = [];
    for (let path: string | null | undefined = first; typeof path === 'string';) {
      const answer = await client.get(path);
      pages.push(numbersOf(itemsOf(answer)));
      path = answer.document.links?.[direction];
      if (pages.length > 50) throw new Error('the walk does not end');
    }
    return pages;
  }

  test.each([
    [1, 1],
    [2, 1],
    [5, 5],
    [6, 5],
    [10, 5],
    [23, 7],
    [101, 100],
  ])('C11 I1 I5 %d in pages of %d: each once, there and back', async (quantity, size) => {
    const list = `${ticketsOf(await buy(quantity))}?page[size]=${size}`;
    const numbers = Array.from({ length: quantity }, (_, index) => index + 1);
    const forwards = await walk(list, 'next');
    expect(forwards.flat()).toEqual(numbers);
    for (const page of forwards.slice(0, -1)) expect(page).toHaveLength(size);
    const last = forwards.length === 1 ? list : await lastPage(list);
    const backwards = await walk(last, 'prev');
    expect(backwards.toReversed().flat()).toEqual(numbers);
  });

  async function lastPage(list: string): Promise<string> {
    for (let path = list; ;) {
      const { document } = await client.get(path);
      if (typeof document.links?.next !== 'string') return path;
      path = document.links.next;
    }
  }

  test('I4 I9 pages have 20 unless another size is asked for', async () => {
    const { document } = await client.get(ticketsOf(await buy(21)));
    expect(document.data).toHaveLength(20);
    expect(document.links).toMatchObject({ prev: null, next: expect.any(String) as unknown });
  });

  test('costs nothing where there are 2,147,483,647', async () => {
    const all = await buy(2_147_483_647);
    const pages = [];
    let path = `${ticketsOf(all)}?page[size]=100`;
    for (let page = 0; page < 3; page++) {
      const answer = await client.get(path);
      pages.push(...numbersOf(itemsOf(answer)));
      path = answer.document.links?.next ?? '';
    }
    expect(pages).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    const { attributes } = await client.read(`${ticketsOf(all)}/2147483647`);
    expect(attributes).toEqual({ number: 2_147_483_647 });
    const list = `${ticketsOf(all)}?page[size]=3&page`;
    const near = (place: string, number: number) =>
      client.list(`${list}[${place}]=${cursorOf(all, number)}`).then(numbersOf);
    const [first, last] = [1, 2_147_483_647];
    expect(await near('before', last)).toEqual([last - 3, last - 2, last - 1]);
    expect(await near('after', last - 2)).toEqual([last - 1, last]);
    expect(await near('after', last)).toEqual([]);
    expect(await near('before', first)).toEqual([]);
  });

  test('I5 cursors of numbers that there are not lead to where they would be', async () => {
    const list = `${ticketsOf(bought)}?page[size]=2&page`;
    const { document } = await client.get(`${list}[before]=${cursorOf(bought, 100)}`);
    expect(numbersOf(document.data as ResourceObject[])).toEqual([4, 5]);
    expect(document.links?.prev).not.toBeNull();
    expect(await client.list(`${list}[after]=${cursorOf(bought, 100)}`)).toEqual([]);
  });

  /** @returns the cursor of one ticket, which else only those know who have seen the ticket in the list. */
  function cursorOf({ id, links }: ResourceObject, number: number): string {
    const field = schemaOf(Ticket).attributeOf.get('number');
    if (field === undefined) throw new Error('tickets have no number');
    const cursors = new Cursors(`${links.self}/tickets`, [{ field, descending: false }]);
    return cursors.write({ id: v5(String(number), id), number });
  }
});

import { randomUUID } from 'node:crypto';
import { Attribute, Collection, Model } from '@datx/core';
import { config, getResponseRawData, jsonapiCollection, jsonapiModel } from '@datx/jsonapi';

/* The walk with @datx/jsonapi, run as a process. */

config.baseUrl = `${process.env.HOLDFAST_URL}/`;
config.fetchReference = fetch;
config.usePatchWhenPossible = true;
config.cache = 1; // always ask the network

/** A model of a type, with its attributes and what it belongs to. */
function modelOf(type, attributes, references = {}) {
  class Resource extends jsonapiModel(Model) {}
  Resource.type = type;
  for (const name of attributes) Attribute()(Resource.prototype, name);
  for (const [name, toOne] of Object.entries(references)) Attribute({ toOne })(Resource.prototype, name);
  return Resource;
}

const User = modelOf('users', []);
Attribute({ isIdentifier: true })(User.prototype, 'id');
const Event = modelOf('events', ['name', 'starts_at']);
const TicketOption = modelOf('ticket_options', ['name', 'allocation', 'price_cents', 'remaining'], {
  event: Event,
});
const Reservation = modelOf('reservations', ['quantity', 'status', 'expires_at'], {
  ticket_option: TicketOption,
  user: User,
});
const Payment = modelOf('payments', ['token', 'amount_cents'], { reservation: Reservation });
const Purchase = modelOf('purchases', ['quantity', 'status'], { ticket_option: TicketOption, user: User });
const Ticket = modelOf('tickets', ['number']);
const Figures = modelOf('event_statistics', ['sold']);

class Store extends jsonapiCollection(Collection) {}
Store.types = [User, Event, TicketOption, Reservation, Payment, Purchase, Ticket, Figures];

const store = new Store();
const user = store.add({ id: randomUUID() }, User);
const refused = async (asked) => {
  try {
    await asked;
  } catch (answer) {
    return answer.error[0].code;
  }
  return 'nothing';
};
/** By itself it would send every relationship along, also those that are set once. */
const patch = async ({ meta: { type, id } }, attributes, headers = {}) =>
  (
    await store.request(
      `${type}/${id}`,
      'PATCH',
      { data: { type, id, attributes } },
      { networkConfig: { headers } },
    )
  ).data;

const event = await store.add({ name: 'Gala', starts_at: '2031-05-01T19:30:00Z' }, Event).save();
const offer = (name, allocation, price_cents) =>
  store.add({ name, allocation, price_cents, event }, TicketOption).save();
const vip = await offer('VIP', 5, 1_000);
const free = await offer('Free', 4, 0);

// In a store of its own: with options that know their event and the other way round, the next read would never end.
const compound = await new Store().getOne(Event, event.meta.id, {
  queryParams: { include: ['ticket_options'] },
});
const { data: listed } = await store.getMany(Event, {
  queryParams: {
    filter: { status: 'scheduled' },
    sort: '-created_at',
    custom: [{ key: 'page[size]', value: '1' }],
  },
});
const { data: sparse } = await store.getOne(TicketOption, vip.meta.id, {
  queryParams: { fields: { ticket_options: ['name', 'remaining'] } },
});

const reserve = (quantity) => store.add({ quantity, ticket_option: vip, user }, Reservation).save();
const held = await reserve(2);
const until = new Date(Date.now() + 1_200_000).toISOString();
const extended = await patch(held, { expires_at: until });
const { data: active } = await store.getMany(Reservation, {
  queryParams: { filter: { user: user.meta.id, status: 'active' } },
});
const paid = await store.add({ token: 'tok_visa', reservation: held }, Payment).save();
const bought = store.findAll(Purchase)[0];
const { data: tickets } = await store.request(`purchases/${bought.meta.id}/tickets`);
const second = await reserve(1);
const secondId = second.meta.id;
await second.destroy();
const { data: cancelled } = await store.getOne(Reservation, secondId);

/** What it saves by itself goes without headers. */
const buyOnce = async (quantity, key) => {
  const relationships = {
    ticket_option: { data: { type: 'ticket_options', id: free.meta.id } },
    user: { data: { type: 'users', id: user.meta.id } },
  };
  const document = { data: { type: 'purchases', attributes: { quantity }, relationships } };
  const headers = { 'Idempotency-Key': key };
  return (await store.request('purchases', 'POST', document, { networkConfig: { headers } })).data;
};
const key = randomUUID();
const [first, again] = [await buyOnce(3, key), await buyOnce(3, key)];
const soldOut = await refused(store.add({ quantity: 2, ticket_option: free, user }, Purchase).save());

const { headers } = await store.getOne(TicketOption, free.meta.id);
const change = (name) => patch(free, { name }, { 'If-Match': headers.get('etag') });
const changed = (await change('First')).name;
const stale = await refused(change('Second'));

const purchaseId = bought.meta.id;
await bought.destroy();
const { data: refunded } = await store.getOne(Purchase, purchaseId);
const { data: figures } = await store.request(`statistics/events/${event.meta.id}`);
const inUse = await refused(event.destroy());

console.log(
  JSON.stringify({
    name: compound.data.name,
    options: getResponseRawData(compound).included.map(({ attributes }) => attributes.name),
    latest: listed.map(({ meta }) => meta.id === event.meta.id),
    sparse: { name: sparse.name, remaining: sparse.remaining },
    extended: extended.expires_at === until,
    active: active.map(({ meta }) => meta.id === held.meta.id),
    paid: paid.amount_cents,
    tickets: tickets.map(({ number }) => number),
    cancelled: cancelled.status,
    again: first.meta.id === again.meta.id,
    soldOut,
    changed,
    stale,
    refunded: refunded.status,
    sold: figures.sold,
    inUse,
  }),
);

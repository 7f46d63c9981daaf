import type { Shop } from '../support/shop';
import type { Offer } from './clients';

/** An option of 10 tickets. */
interface Terms {
  readonly limit: number | null;
  readonly priceCents: number;
  readonly kind: string | null;
}

/** Some of events: one whose users are counted over all options, one without that, and one with room for many. */
export const PROGRAMME: readonly {
  readonly limit: number | null;
  readonly options: readonly Terms[];
  readonly isRoomy?: true;
}[] = [
  {
    limit: 6,
    options: [
      { limit: 4, priceCents: 0, kind: 'Regular' },
      { limit: null, priceCents: 700, kind: 'VIP' },
      { limit: 3, priceCents: 300, kind: null },
    ],
  },
  {
    limit: null,
    options: [
      { limit: null, priceCents: 1_250, kind: 'vip' },
      { limit: 4, priceCents: 0, kind: 'regular' },
    ],
  },
  {
    limit: null,
    options: [
      { limit: null, priceCents: 900, kind: 'VIP' },
      { limit: null, priceCents: 0, kind: 'Guest' },
    ],
    isRoomy: true,
  },
];

/** Creates an event of one of these kinds. */
export async function announce(shop: Shop, number: number): Promise<Offer> {
  const { limit, options, isRoomy = false } = PROGRAMME[number] ?? { limit: null, options: [] };
  const event = await shop.announce({ max_tickets_per_user: limit });
  const offer: Offer = { event, isRoomy, options: new Map() };
  for (const { limit: maxPerUser, priceCents, kind } of options) {
    const attributes = { max_per_user: maxPerUser, price_cents: priceCents, kind };
    const id = await shop.offer({ allocation: 10, ...attributes }, event);
    offer.options.set(id, {
      ...{ event, maxPerUser, eventMaxPerUser: limit, allocation: 10, sold: 0, priceCents },
    });
  }
  return offer;
}

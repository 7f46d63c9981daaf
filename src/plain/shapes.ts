import { integer, text, uuid } from '../json-api';
import { type JsonSchema } from '../json-api/kinds';
import type { NewTicketOption } from '../ticket-options/ticket-option.resource';
import type { Member, Shape } from './shape';

/** What both contracts can say of a new ticket option: all else is as if it were not given. */
export type NewPlainOption = Pick<NewTicketOption, 'name' | 'description' | 'allocation'>;

/** What both contracts can say of a purchase. */
export interface NewPlainPurchase {
  readonly quantity: number;
  readonly user: string;
}

const COUNT = { maximum: 2_147_483_647 };
const USER = '406c1d05-bbb2-4e94-b183-7d208c2692e1';

/** @returns the shape of a new option, by the contract's names for name, description and allocation. */
export function optionShape([name, desc, allocation]: readonly [string, string, string]): Shape {
  return {
    members: [
      { name, property: 'name', kind: text({ maximum: 200 }), example: 'example' },
      {
        name: desc,
        property: 'description',
        kind: text({ minimum: 0, maximum: 10_000, nullable: true }),
        optional: true,
        example: 'sample description',
      },
      { name: allocation, property: 'allocation', kind: integer({ minimum: 0, ...COUNT }), example: 100 },
    ] satisfies Member[],
    ignoresCase: name !== name.toLowerCase(),
  };
}

/** @returns the shape of a purchase, by the contract's names for quantity and user. */
export function purchaseShape([quantity, user]: readonly [string, string]): Shape {
  return {
    members: [
      { name: quantity, property: 'quantity', kind: integer({ minimum: 1, ...COUNT }), example: 2 },
      { name: user, property: 'user', kind: uuid(), example: USER },
    ] satisfies Member[],
    ignoresCase: quantity !== quantity.toLowerCase(),
  };
}

/** @returns the option as it would be created by a document with these attributes only. */
export function asNewOption({ name, description, allocation }: NewPlainOption): NewTicketOption {
  return {
    ...{ name, description, allocation, kind: null, priceCents: 0, maxPerUser: null, maxPerOrder: null },
    ...{ salesStartAt: null, salesEndAt: null, event: null },
  };
}

/** The schema of an answer with these members, all of them always there. */
export function answerSchema(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', required: Object.keys(properties), properties };
}

/** Why a purchase may be refused. */
export const PURCHASE_REFUSALS = [
  ...(['event_cancelled', 'sales_not_started', 'sales_ended', 'payment_required'] as const),
  ...(['order_limit_exceeded', 'user_limit_exceeded', 'invalid_purchase_quantity'] as const),
];

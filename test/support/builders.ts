import { randomUUID } from 'node:crypto';

type Members = Record<string, unknown>;

/** A request document; loose, so that tests can also make wrong ones. */
export interface RequestDocument {
  data: { type: string; attributes: Members; relationships?: Members } & Members;
}

/** @returns the relationship object that names one resource. */
export function toOne(type: string, id: string): { data: { type: string; id: string } } {
  return { data: { type, id } };
}

/**
 * A valid new ticket option; what is given replaces or joins its attributes.
 *
 * @param event the id of the event it is for; its own when absent
 */
export function ticketOption(attributes: Members = {}, event?: string): RequestDocument {
  return {
    data: {
      type: 'ticket_options',
      attributes: { name: 'example', description: 'sample description', allocation: 100, ...attributes },
      ...(event !== undefined && { relationships: { event: toOne('events', event) } }),
    },
  };
}

/** A valid new purchase, by somebody new unless a user is given. */
export function purchase(of: {
  ticketOption: string;
  user?: string;
  quantity?: unknown;
  attributes?: Members;
}): RequestDocument {
  return {
    data: {
      type: 'purchases',
      attributes: { quantity: of.quantity ?? 2, ...of.attributes },
      relationships: {
        ticket_option: toOne('ticket_options', of.ticketOption),
        user: toOne('users', of.user ?? randomUUID()),
      },
    },
  };
}

/** A valid new event; what is given replaces or joins its attributes. */
export function event(attributes: Members = {}): RequestDocument {
  return {
    data: { type: 'events', attributes: { name: 'Gala', starts_at: '2027-06-01T18:00:00Z', ...attributes } },
  };
}

/** A valid new reservation of one kind of ticket, by somebody new unless a user is given. */
export function reservation(of: {
  ticketOption: string;
  user?: string;
  quantity?: unknown;
}): RequestDocument {
  return {
    data: {
      type: 'reservations',
      attributes: { quantity: of.quantity ?? 2 },
      relationships: {
        ticket_option: toOne('ticket_options', of.ticketOption),
        user: toOne('users', of.user ?? randomUUID()),
      },
    },
  };
}

/** The same for several kinds, by their ids, each with its quantity. */
export function reservationOfSeveral(of: {
  ticketOptions: readonly (readonly [id: string, quantity: unknown])[];
  user?: string;
}): RequestDocument {
  const identifiers = of.ticketOptions.map(([id, quantity]) => ({
    type: 'ticket_options',
    id,
    meta: { quantity },
  }));
  return {
    data: {
      type: 'reservations',
      attributes: {},
      relationships: {
        ticket_options: { data: identifiers },
        user: toOne('users', of.user ?? randomUUID()),
      },
    },
  };
}

/** A change of a resource: what is given are the attributes that shall be others. */
export function change(type: string, id: string, attributes: Members): RequestDocument {
  return { data: { type, id, attributes } };
}

import { canonicalUuid } from '../json-api';
import { kindKey } from '../ticket-options/kind-key';

/** A kind of ticket, over all events or within one. */
export interface KindScope {
  /** In lower case, as kinds are compared. */
  readonly key: string;
  readonly event: string | undefined;
}

const LENGTH_OF_UUID = 36;

/** What an id cannot begin with, or cannot be: clients take the dots of an address for steps up. */
const UNFIT = /^:|^\.{1,2}$/;

/**
 * @returns the id of a kind: its key, within an event behind the id of the event. Kinds are free text, so one that
 *   could be taken for something else gets a colon in front.
 */
export function kindIdOf({ key, event }: KindScope): string {
  if (event !== undefined) return `${event}:${key}`;
  return UNFIT.test(key) || eventIn(key) !== undefined ? `:${key}` : key;
}

/** @returns what an id means, in whatever case it is written. */
export function kindOf(id: string): KindScope {
  const event = eventIn(id);
  if (event !== undefined) return { key: keyIn(id.slice(LENGTH_OF_UUID + 1)), event };
  return { key: keyIn(id.startsWith(':') ? id.slice(1) : id), event: undefined };
}

function eventIn(text: string): string | undefined {
  return text[LENGTH_OF_UUID] === ':' ? canonicalUuid(text.slice(0, LENGTH_OF_UUID)) : undefined;
}

/** Of the kind alone: the lower case of a letter can depend on those before it. */
function keyIn(kind: string): string {
  return kindKey(kind) ?? kind;
}

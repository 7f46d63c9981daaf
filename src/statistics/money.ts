import { bigInteger } from '../json-api';

/** Euro cents, added up over any number of options and events: more than 64 bits hold. */
export const money = bigInteger({ minimum: 0n, maximum: 10n ** 38n - 1n });

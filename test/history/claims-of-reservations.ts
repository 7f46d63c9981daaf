import { type Answer, codeOf } from '../support/shop';
import { lastingAmid } from './amid';
import type { Claim } from './claims';
import { isExpired, type Reservation } from './model';

export function ofReservation(id: string, isIt: (reservation: Reservation, atMs: number) => boolean): Claim {
  return {
    options: [],
    isTrue: (model, atMs) => {
      const reservation = model.reservations.get(id);
      return reservation !== undefined && isIt(reservation, atMs);
    },
  };
}

function isLive({ status, untilMs }: Reservation, atMs: number): boolean {
  return status === 'active' && atMs < untilMs;
}

/** That it was extended is told by the journal, but of several changes in one turn only what came of them. */
export function ofExtension(
  { id, untilMs: wantedMs }: { id: string; untilMs: number },
  answer: Answer,
  holdMaxMs: number,
): Claim | undefined {
  /** Whether the turn that changed it may have had it last until a time of which this is so. */
  const amid =
    (isIt: (earliestMs: number, latestMs: number, endMs: number) => boolean): Claim['wasTrueAmid'] =>
    (before, effects) => {
      const reservation = before.reservations.get(id);
      if (reservation === undefined) return false;
      const lasting = lastingAmid(reservation, effects, holdMaxMs);
      return lasting !== undefined && isIt(...lasting, reservation.atMs + holdMaxMs);
    };
  switch (codeOf(answer)) {
    case '200':
      if (Date.parse(String(answer.body.data?.attributes['expires_at'])) !== wantedMs) return undefined;
      return {
        ...ofReservation(id, (now, atMs) => isLive(now, atMs) && now.untilMs === wantedMs),
        wasTrueAmid: amid((earliestMs, latestMs) => earliestMs <= wantedMs && wantedMs <= latestMs),
      };
    case 'reservation_expired':
      return ofReservation(id, isExpired);
    case 'reservation_cancelled':
      return ofReservation(id, ({ status }) => status === 'cancelled');
    case 'reservation_in_payment':
      return ofReservation(id, ({ status }) => status === 'paying');
    case 'reservation_paid':
      return ofReservation(id, ({ status }) => status === 'paid');
    case 'invalid_attribute':
      return {
        ...ofReservation(id, (now, atMs) => isLive(now, atMs) && wantedMs < now.untilMs),
        wasTrueAmid: amid((_earliestMs, latestMs) => wantedMs < latestMs),
      };
    case 'extension_limit_reached':
      return {
        ...ofReservation(id, (now, atMs) => {
          return isLive(now, atMs) && wantedMs > Math.max(now.untilMs, now.atMs + holdMaxMs);
        }),
        wasTrueAmid: amid((earliestMs, _latestMs, endMs) => wantedMs > Math.max(earliestMs, endMs)),
      };
    default:
      return undefined;
  }
}

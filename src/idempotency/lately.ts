/** 2^17 places: two megabytes in all, of which nothing is ever collected as garbage. */
const PLACES = 131_072;
const WORDS = 4;

/**
 * Remembers what it was told lately, most of it: each text has one place, and the next that comes to that place takes it.
 * Of 25,000 others that come after it each has a chance of one in 131,072 to do so, so that five in six are still known then.
 * For whatever may be forgotten at a small price. A set of the texts themselves would outlive every young generation of
 * the garbage collector, and be moved by each of them.
 */
export class Lately {
  private readonly words = new Int32Array(PLACES * WORDS);

  /** @param hex at least 32 digits, as good as drawn by chance */
  add(hex: string): void {
    const place = placeOf(hex);
    for (let word = 0; word < WORDS; word += 1) this.words[place + word] = wordOf(hex, word);
  }

  has(hex: string): boolean {
    const place = placeOf(hex);
    for (let word = 0; word < WORDS; word += 1) {
      if (this.words[place + word] !== wordOf(hex, word)) return false;
    }
    return true;
  }
}

function placeOf(hex: string): number {
  return (wordOf(hex, 0) & (PLACES - 1)) * WORDS;
}

/** @returns 32 bits of eight digits, without making a text of them. */
function wordOf(hex: string, word: number): number {
  let bits = 0;
  for (let at = 8 * word; at < 8 * word + 8; at += 1) bits = (bits << 4) | digitOf(hex.charCodeAt(at));
  return bits;
}

/** '0' to '9' are 48 to 57, 'a' to 'f' 97 to 102. */
function digitOf(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

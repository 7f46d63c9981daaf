/**
 * Finds a key that comes twice in one object, at any depth. Takes text that JSON.parse has accepted, so it only
 * looks at what separates: quotes, braces and colons.
 *
 * @returns the first repeated key, or undefined.
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // one entry for every open object; undefined for an array
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        open.push(new Set());
        break;
      case '[':
        open.push(undefined);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const end = endOfString(text, at);
        if (isKey(text, end)) {
          const key = JSON.parse(text.slice(at, end)) as string; // escapes: "\u0061" is "a"
          const keys = open.at(-1);
          if (keys?.has(key) === true) return key;
          keys?.add(key);
        }
        at = end - 1;
        break;
      }
    }
  }
  return undefined;
}

/** @returns the position after the closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** A string is a key when a colon follows; JSON allows white space between. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

/** The media type of JSON:API; without parameters unless an extension or profile is applied. */
export const MEDIA_TYPE = 'application/vnd.api+json';

/** The profile that lists follow; the types of its errors are addresses below it. */
export const CURSOR_PAGINATION = 'https://jsonapi.org/profiles/ethanresnick/cursor-pagination/';

/** The media type of a list: it claims the profile. */
export const LIST_MEDIA_TYPE = `${MEDIA_TYPE}; profile="${CURSOR_PAGINATION}"`;

/** The extensions this service supports: none. An `ext` parameter that names one is therefore refused. */
const EXTENSIONS: ReadonlySet<string> = new Set();

interface MediaType {
  /** type/subtype in lower case. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** False when the header breaks off or does not follow the grammar. */
  readonly wellFormed: boolean;
}

/**
 * Whether a body of this `Content-Type` is read. JSON:API 1.1, "Content Negotiation", "Server Responsibilities":
 * any parameter but `ext` and `profile`, or an unsupported extension, must get 415. Beyond the letter, plain
 * `application/json` is read too, and everything else, also nothing, gets 415.
 */
export const isSupportedContentType = remember((header) => {
  const types = parseMediaTypes(header);
  const [type] = types;
  if (types.length !== 1 || type?.wellFormed !== true) return false;
  if (type.name === MEDIA_TYPE) return isUnmodified(type) && !type.parameters.has('q');
  const charset = type.parameters.get('charset') ?? 'utf-8';
  return type.name === 'application/json' && charset.toLowerCase() === 'utf-8';
});

/**
 * Whether the `Accept` header lets the answer be JSON:API. By the same section: when it has instances of the media
 * type, one of them must be free of foreign parameters and unsupported extensions. Without any, the usual rules
 * of HTTP hold (RFC 9110, 12.5.1), and plain `application/json` counts as well, as generated clients send it.
 */
export const isAcceptable = remember((header) => {
  if (header.trim() === '') return true;
  const ranges = parseMediaTypes(header);
  const named = ranges.filter(({ name }) => name === MEDIA_TYPE);
  if (named.length > 0) return named.some((range) => isUnmodified(range) && isWanted(range));
  if (ranges.some((range) => range.name === 'application/json' && isWanted(range))) return true;
  const subtype = ranges.filter(({ name }) => name === 'application/*');
  return (subtype.length > 0 ? subtype : ranges.filter(({ name }) => name === '*/*')).some(isWanted);
});

function isUnmodified({ parameters, wellFormed }: MediaType): boolean {
  if (!wellFormed) return false;
  for (const [name, value] of parameters) {
    if (name === 'ext') {
      if (value.split(' ').some((uri) => uri !== '' && !EXTENSIONS.has(uri))) return false;
    } else if (name !== 'profile' && name !== 'q') {
      return false; // `q` is the weight of the entry, not a parameter of the type
    }
  }
  return true;
}

function isWanted({ parameters, wellFormed }: MediaType): boolean {
  return wellFormed && Number(parameters.get('q') ?? 1) > 0;
}

/** Reads a list of media types or ranges (RFC 9110, 8.3.1 and 12.5.1). What is malformed is marked, not thrown. */
export function parseMediaTypes(header: string): MediaType[] {
  return splitOutsideQuotes(header, ',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseMediaType);
}

const TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/;
const PARAMETER = /^([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w:/-]+))$/;

function parseMediaType(entry: string): MediaType {
  const [type = '', ...rest] = splitOutsideQuotes(entry, ';').map((part) => part.trim());
  const parameters = new Map<string, string>();
  let wellFormed = TYPE.test(type);
  for (const part of rest) {
    if (part === '') continue; // "a/b;" is common, and harmless
    const [, name = '', quoted, token] = PARAMETER.exec(part) ?? [];
    const key = name.toLowerCase();
    if (name === '' || parameters.has(key)) wellFormed = false;
    else parameters.set(key, quoted?.replace(/\\(.)/g, '$1') ?? token ?? '');
  }
  return { name: type.toLowerCase(), parameters, wellFormed };
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') quoted = !quoted;
    else if (quoted && character === '\\') at++;
    else if (!quoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

/** Clients send few different headers, so each verdict is reached once; the bound is for those that send many. */
function remember(judge: (header: string) => boolean): (header: string) => boolean {
  const verdicts = new Map<string, boolean>();
  return (header) => {
    const known = verdicts.get(header);
    if (known !== undefined) return known;
    const verdict = judge(header);
    if (header.length <= 256) {
      if (verdicts.size >= 256) verdicts.clear();
      verdicts.set(header, verdict);
    }
    return verdict;
  };
}

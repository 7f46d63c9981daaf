/**
 * The rules of JSON:API 1.1 and its cursor-pagination profile that bind only whoever offers something that is not
 * offered here, by their numbers. All others have a test in this folder whose name begins with the number.
 */
export const NOT_APPLYING: Readonly<Record<string, string>> = {
  B22: 'no link is an object, so none has `rel` or `hreflang` (B18 tests that all links are strings or null)',
  C3: 'no address names a to-one that may be empty: to-one relationships are told as linkage, without links',
  C4: 'no relationship has a `self` link, so there are no relationship addresses (C5 tests that they are 404)',
  D4: 'ids of clients are refused (D3)',
  D10: 'nothing is answered before it is done',
  G1: 'there are no relationship addresses to change anything at',
  G2: 'there are no relationship addresses, so whatever is sent there is 404 (C5); changes of relationships in a PATCH are F4',
  G3: 'there are no relationship addresses to change anything at',
  G4: 'there are no relationship addresses to change anything at',
  J1: 'atomic operations are not offered (J5)',
  J2: 'atomic operations are not offered (J5)',
  J3: 'atomic operations are not offered (J5)',
  J4: 'atomic operations are not offered (J5)',
  J6: 'atomic operations are not offered, and other documents have no `lid` but that of one resource (D3)',
};

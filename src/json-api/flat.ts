/** A resource as services hand it over: its properties by name. */
export type Flat = Readonly<Record<string, unknown>>;

/** @returns the id of a resource of the type. */
export function idOf(resource: object, type: string): string {
  const { id } = resource as Flat;
  if (typeof id !== 'string') throw missing(type, 'id');
  return id;
}

/** The mistake of a service that returns a resource with a hole in it. */
export function missing(type: string, property: string): Error {
  return new Error(`A resource of the type ${type} has nothing to send in ${property}`);
}

export { bigInteger, boolean, choice, constant, fraction, instant, integer, text, uuid } from './kinds';
export { Attribute, ToMany, ToOne } from './fields';
export { Resource, schemaOf } from './resource';
export { type Changes, type New } from './shapes';
export {
  compound,
  Compound,
  type FilterValues,
  type Included,
  type ListRequest,
  type Page,
  type Position,
} from './listing';
export {
  ChangeResource,
  Connection,
  CreateResource,
  Decoded,
  FetchResource,
  Include,
  Key,
  Listing,
  ListResources,
  OnlyIf,
  RemoveResource,
} from './routes';
export { PathNumber, PathText, ResourceId } from './path-parameters';
export { type Versions } from './preconditions';
export { canonicalUuid, isUuid } from './ids';
export { parseInstant } from './instants';
export { RefusalFilter } from './refusal-filter';

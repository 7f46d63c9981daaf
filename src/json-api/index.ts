export { boolean, choice, constant, instant, integer, text } from './kinds';
export { Attribute, type New, Resource, schemaOf, ToOne } from './resource';
export { Connection, CreateResource, Decoded, FetchResource, ResourceId } from './routes';
export { canonicalUuid, isUuid } from './ids';
export { parseInstant } from './instants';
export { RefusalFilter } from './refusal-filter';

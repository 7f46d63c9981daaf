export { boolean, choice, constant, instant, integer, type Kind, text } from './kinds';
export { Attribute, type New, Resource, type ResourceClass, schemaOf, ToOne } from './resource';
export { Connection, CreateResource, Decoded, FetchResource, ResourceId } from './routes';
export { canonicalUuid, isUuid } from './ids';
export { parseInstant } from './instants';
export { refusalOf } from './errors';
export { MEDIA_TYPE } from './media-types';
export { type ErrorLog, RefusalFilter } from './refusal-filter';

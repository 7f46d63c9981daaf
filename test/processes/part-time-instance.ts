import '../../src/main';
import { workPartTime } from './part-time';

/** The service as it is, on a processor of which it has a quarter. */
workPartTime(0.25);

import '../../src/main';
import { workPartTime } from './part-time';

/** The service as it is, on a processor of which it has two fifths. */
workPartTime(0.4);

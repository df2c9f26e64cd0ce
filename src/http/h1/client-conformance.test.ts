import { h1Back } from '../../../test/conformance/h1-back.ts';
import { transportConformance } from '../../../test/conformance/transport.ts';

transportConformance(h1Back);

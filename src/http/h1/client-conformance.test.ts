import { h1Wire } from '../../../test/conformance/h1-wire.ts';
import { memoryBack } from '../../../test/conformance/memory-back.ts';
import { transportConformance } from '../../../test/conformance/transport.ts';

transportConformance(memoryBack(h1Wire));

import { ajpWire } from '../../../test/conformance/ajp-wire.ts';
import { memoryBack } from '../../../test/conformance/memory-back.ts';
import { transportConformance } from '../../../test/conformance/transport.ts';

transportConformance(memoryBack(ajpWire));

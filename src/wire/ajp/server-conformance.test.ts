import { ajpFrontWire } from '../../../test/conformance/ajp-front.ts';
import { exchangeConformance } from '../../../test/conformance/exchange.ts';
import { memoryFront } from '../../../test/conformance/memory-front.ts';

exchangeConformance(memoryFront(ajpFrontWire));

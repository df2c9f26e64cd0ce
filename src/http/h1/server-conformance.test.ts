import { exchangeConformance } from '../../../test/conformance/exchange.ts';
import { h1FrontWire } from '../../../test/conformance/h1-front.ts';
import { memoryFront } from '../../../test/conformance/memory-front.ts';

exchangeConformance(memoryFront(h1FrontWire));

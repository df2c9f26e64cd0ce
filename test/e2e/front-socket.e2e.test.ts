import { ajpFrontWire } from '../conformance/ajp-front.ts';
import { exchangeConformance } from '../conformance/exchange.ts';
import { h1FrontWire } from '../conformance/h1-front.ts';
import { socketFront } from '../conformance/socket-front.ts';

for (const wire of [h1FrontWire, ajpFrontWire]) exchangeConformance(socketFront(wire));

import { exchangeConformance } from '../conformance/exchange.ts';
import { socketFront } from '../conformance/socket-front.ts';

exchangeConformance(socketFront);

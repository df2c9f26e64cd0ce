import { exchangeConformance } from '../../../test/conformance/exchange.ts';
import { h1Front } from '../../../test/conformance/h1-front.ts';

exchangeConformance(h1Front);

import { defineFaults } from '../../base/index.ts';

/** What keeps a request from a container, and why its answer is refused. */
export const AJP_RESPONSE_FAULTS = defineFaults({
  'ajp-head-too-large': {
    blame: 'client',
    status: 431,
    means:
      'The head of a request does not fit into one packet, which it has to: AJP has no continuation',
    cure: 'Raise `ajp.packetSize` of the upstream, and the packet size of the container with it, up to 64 KiB; or shorten cookies.',
  },
  'ajp-response-packet': {
    blame: 'upstream',
    status: 502,
    means:
      'What the container sends does not begin with AB as packets of AJP do, or a packet is longer than was agreed',
    cure: 'Name the port of its AJP connector, make `ajp.packetSize` of the upstream that of the container, or let the address of this server begin with http.',
  },
  'ajp-response-malformed': {
    blame: 'upstream',
    status: 502,
    means:
      'A packet of the container is not what its first byte says, or its body has another length than its head',
    cure: 'The container is broken, or another program listens on its port.',
  },
  'ajp-response-unexpected': {
    blame: 'upstream',
    status: 502,
    means: 'The container sends a packet where none of its kind may come',
    cure: 'The container is broken; the connection was closed.',
  },
});

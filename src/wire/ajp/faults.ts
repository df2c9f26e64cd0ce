import { defineFaults } from '../../base/index.ts';

/** Why what a web server sends to us is refused. */
export const AJP_REQUEST_FAULTS = defineFaults({
  'ajp-request-packet': {
    blame: 'client',
    status: 400,
    means:
      'What comes does not begin with 12 34 as packets of AJP do, or a packet is longer than was agreed',
    cure: 'Let the web server speak AJP to this address and give HTTP one of its own; make `ajp.packetSize` of the address that of the web server (mod_jk: max_packet_size, httpd: ProxyIOBufferSize).',
  },
  'ajp-request-malformed': {
    blame: 'client',
    status: 400,
    means:
      'A packet of the web server is not what its first byte says, or holds what no request may',
    cure: 'The web server is broken, or something else reaches this address.',
  },
  'ajp-request-unexpected': {
    blame: 'client',
    status: 400,
    means: 'A packet comes where none of its kind may, such as the order to shut down',
    cure: 'The web server is broken, or something else reaches this address.',
  },
  'ajp-request-body': {
    blame: 'client',
    level: 'error',
    status: 400,
    means: 'The body of a request has another length than its head, or breaks off',
    cure: 'Look for clients of the web server that leave in the midst of uploads; otherwise it is broken.',
  },
  'ajp-request-body-timeout': {
    blame: 'client',
    status: 408,
    means: 'The web server sent nothing of a body that it was asked for within bodyTimeout',
    cure: "The web server's client is slow: raise `limits.bodyTimeout` above what the web server itself allows.",
  },
  'ajp-request-head-timeout': {
    blame: 'client',
    status: 408,
    means: 'A packet was not complete within headTimeout',
    cure: 'Look at the network between the web server and here.',
  },
  'ajp-send-timeout': {
    blame: 'client',
    status: 408,
    means: 'The web server took nothing of an answer for sendTimeout',
    cure: "The web server's client is slow: raise `limits.sendTimeout` above what the web server itself allows.",
  },
  'ajp-secret': {
    blame: 'client',
    level: 'error',
    status: 403,
    means: 'The web server does not say the secret of this address, or says another one',
    cure: 'Give both the same (mod_jk: worker.NAME.secret, httpd: secret=); httpd can say one from 2.4.42 on.',
  },
  'ajp-attribute': {
    blame: 'client',
    level: 'error',
    status: 403,
    means: 'A request has an attribute that this address does not take',
    cure: 'Have the web server leave it out (mod_jk: JkEnvVar, httpd: variables that begin with AJP_).',
  },
  'ajp-answer-too-large': {
    blame: 'operator',
    status: 500,
    means:
      'The head of an answer does not fit into one packet, so the web server gets 500 in its place',
    cure: 'Send fewer or shorter fields, or raise `ajp.packetSize` of the address and that of the web server.',
  },
});

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

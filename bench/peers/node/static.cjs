// Filled in by the benchmark, which has the answer of its right length. It has no log (access_log off).
const { readFileSync } = require('node:fs');
const { createServer } = require('node:net');

const [address, port] = '127.0.0.1:{{port}}'.split(':');
const body = readFileSync('{{root}}/1k.txt', 'latin1');
const date = new Date().toUTCString();
const answer = `HTTP/1.1 200 OK\r\nServer: node\r\nDate: ${date}\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nLast-Modified: ${date}\r\nETag: "6aabbccd-400"\r\nAccept-Ranges: bytes\r\n\r\n${body}`;

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {});
  socket.on('data', () => socket.write(answer, 'latin1'));
}).listen({ host: address, port: Number(port), backlog: 4096 });

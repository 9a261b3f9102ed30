'use strict';

// The Express example with what a browser can also ask of an upstream: any
// method, cookies, Server-Sent Events and WebSocket. None of these routes sets
// a CORS header.

const { WebSocketServer } = require('ws');

const app = require('../../examples/express/app');

app.all('/anything', (request, response) => {
  response.set('X-Answer', 'yes');
  response.json({ method: request.method, headers: request.headers, body: request.body ?? null });
});

// Each event after the first waits for a POST. So the page must have received
// one before it can make the next one be sent, and a proxy that holds events
// back makes both wait for ever.
let subscriber;
app.get('/events', (request, response) => {
  response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('id: 1\ndata: one\n\n');
  subscriber = response;
});
app.post('/events', (request, response) => {
  subscriber.write(`data: ${request.body.data}\n\n`);
  response.sendStatus(204);
});

const server = app.listen(0, '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

// Echoes every message as the kind that it came as. "close" asks for a close
// with a code and a reason of this side's own.
const sockets = new WebSocketServer({ server, path: '/ws' });
sockets.on('connection', (socket, request) => {
  socket.send(`hello ${request.headers.origin}`);
  socket.on('message', (data, isBinary) => {
    if (!isBinary && data.toString() === 'close') {
      socket.close(4001, 'as asked');
      return;
    }
    socket.send(data, { binary: isBinary });
  });
});

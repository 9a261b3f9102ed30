// Express with cors and http-proxy-middleware, as its README has it, with
// connections to the upstream kept: node middleware.mjs LISTEN UPSTREAM
import http from 'node:http';
import cors from 'cors';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

const [host, port] = process.argv[2].split(':');
const app = express();
app.disable('x-powered-by');
app.use(cors({ optionsSuccessStatus: 200, maxAge: 5 }));
app.use(createProxyMiddleware({
  target: `http://${process.argv[3]}`,
  ws: true,
  agent: new http.Agent({ keepAlive: true, maxSockets: 1024, maxFreeSockets: 1024 }),
}));
http.createServer(app).listen({ host, port: Number(port), backlog: 4096 });

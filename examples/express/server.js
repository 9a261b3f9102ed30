'use strict';

const app = require('./app');

const port = Number(process.env.PORT || 3000);
const server = app.listen(port, '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

'use strict';

// POST /scanRecords with the cors package: this service answers its own preflights.

const { DynamoDBClient } = require('@aws-sdk/client-dynamodb');
const { DynamoDBDocumentClient, ScanCommand } = require('@aws-sdk/lib-dynamodb');
const cors = require('cors');
const express = require('express');

const table = process.env.RECORDS_TABLE || 'RecordsTable';
const documents = DynamoDBDocumentClient.from(new DynamoDBClient({}));

const allow = cors({
  origin: process.env.ALLOWED_ORIGIN || 'http://localhost:5173',
  methods: ['POST'],
  allowedHeaders: ['Content-Type', 'Authorization'],
  maxAge: 600,
});

const app = express();
app.use(express.json());

app.options('/scanRecords', allow);
app.post('/scanRecords', allow, async (request, response) => {
  const { Items } = await documents.send(new ScanCommand({ TableName: table }));
  Items.sort((a, b) => a.id.localeCompare(b.id));
  response.json({ records: Items, request: request.body ?? null });
});

module.exports = app;

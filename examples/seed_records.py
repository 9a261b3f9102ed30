"""Creates the table that the Express and the Flask example read, and fills it.

It writes to whatever AWS_ENDPOINT_URL_DYNAMODB names, which must be an
emulator: without that variable it refuses to run.
"""

import os
import sys

import boto3

if not os.environ.get("AWS_ENDPOINT_URL_DYNAMODB"):
    sys.exit("set AWS_ENDPOINT_URL_DYNAMODB to a DynamoDB emulator, for example http://127.0.0.1:8000")

table = boto3.resource("dynamodb").create_table(
    TableName=os.environ.get("RECORDS_TABLE", "RecordsTable"),
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    BillingMode="PAY_PER_REQUEST",
)
table.wait_until_exists()
for record in ({"id": "1", "name": "first"}, {"id": "2", "name": "second"}):
    table.put_item(Item=record)
print(f"{table.name} holds {table.scan()['Count']} records")

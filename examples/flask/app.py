"""POST /scanRecords with flask-cors: this service answers its own preflights."""

import os

import boto3
from flask import Flask, jsonify, request
from flask_cors import cross_origin

app = Flask(__name__)
table = boto3.resource("dynamodb").Table(os.environ.get("RECORDS_TABLE", "RecordsTable"))


@app.post("/scanRecords")
@cross_origin(
    origins=os.environ.get("ALLOWED_ORIGIN", "http://localhost:5173"),
    methods=["POST"],
    allow_headers=["Content-Type", "Authorization"],
    max_age=600,
)
def scan_records():
    records = sorted(table.scan()["Items"], key=lambda record: record["id"])
    return jsonify(records=records, request=request.get_json(silent=True))


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")))

import os


def fine(event, context):
    return {"statusCode": 200, "body": "fine"}


def raises(event, context):
    return {"statusCode": 200, "body": os.environ["DB_URL"]}

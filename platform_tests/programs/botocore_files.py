# /// script
# dependencies = ["boto3"]
# [tool.mempip]
# container = true
# ///
"""Data files of botocore, by path."""

import boto3
import botocore.session

client = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
print(client.meta.endpoint_url, len(client.meta.service_model.operation_names))
print(client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"}).split("?")[0])
print(len(botocore.session.get_session().get_available_services()) > 300)
keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
print(boto3.resource("dynamodb", region_name="us-east-1", **keys).Table("t"))

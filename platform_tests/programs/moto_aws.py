# /// script
# dependencies = ["moto[s3,dynamodb,ec2,sqs]"]
# ///
"""Amazon's services imitated by moto, which reads its answers from data files; boto3 reads its own."""

import boto3
from moto import mock_aws

keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
with mock_aws():
    s3 = boto3.client("s3", **keys)
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="bucket", Key="key", Body=b"in memory")
    print(s3.get_object(Bucket="bucket", Key="key")["Body"].read(), s3.list_objects_v2(Bucket="bucket")["KeyCount"])
    table = boto3.resource("dynamodb", **keys).create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.put_item(Item={"id": "1", "n": 5})
    print(table.get_item(Key={"id": "1"})["Item"])
    ec2 = boto3.client("ec2", **keys)
    types = ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"]
    print(types[0]["MemoryInfo"], len(ec2.describe_availability_zones()["AvailabilityZones"]))
    print(len(ec2.describe_images()["Images"]) > 10)
    sqs = boto3.client("sqs", **keys)
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    print(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])

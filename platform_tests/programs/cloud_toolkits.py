# /// script
# dependencies = ["kubernetes", "docker", "google-api-python-client", "google-auth", "openai", "stripe", "slack-sdk"]
# ///
"""Clients of services with hundreds of modules and descriptions of interfaces as JSON."""

import docker
import kubernetes
import openai
import slack_sdk
import stripe
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build

service = build("drive", "v3", credentials=AnonymousCredentials(), static_discovery=True)
print(service.files().list(pageSize=3).uri)
pod = kubernetes.client.V1Pod(metadata=kubernetes.client.V1ObjectMeta(name="tea"))
print(kubernetes.client.ApiClient().sanitize_for_serialization(pod))
print(docker.types.Mount("/tea", "leaves"), openai.OpenAI(api_key="x").base_url, slack_sdk.WebClient().base_url)
print(stripe.Customer.construct_from({"id": "tea"}, "key").id, stripe.api_base)

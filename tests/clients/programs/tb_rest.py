"""tb-rest-client, 4.3 (RestClientCE) or 4.4 (RestClient): a device from its making to its end."""

import json
import sys

try:
    from tb_rest_client.models.models_ce import Device
    from tb_rest_client.rest_client_ce import RestClientCE as RestClient
except ImportError:
    from tb_rest_client.models import Device
    from tb_rest_client.rest_client import RestClient

told = json.loads(sys.argv[1])
found: dict = {}
with RestClient(base_url=told["url"].rstrip("/")) as client:
    client.login(username=told["username"], password=told["password"])
    found["user"] = client.get_user().email
    profile = client.get_default_device_profile_info()
    device = client.save_device(body=Device(name="rest", type="default", device_profile_id=profile.id))
    found["device"] = device.name
    found["by_name"] = client.get_tenant_device("rest").id.id == device.id.id
    found["token"] = client.get_device_credentials_by_device_id(device.id).credentials_type
    client.save_entity_telemetry(device.id, "ANY", {"ts": 1000, "values": {"temperature": 21.5}})
    client.save_device_attributes(device.id, "SERVER_SCOPE", {"site": "north"})
    found["latest"] = str(client.get_latest_timeseries(device.id, "temperature"))
    found["history"] = str(client.get_timeseries(entity_id=device.id, keys="temperature", start_ts=0, end_ts=2000))
    found["attributes"] = str(client.get_attributes_by_scope(device.id, "SERVER_SCOPE"))
    found["listed"] = [one.name for one in client.get_tenant_devices(page_size=10, page=0).data]
    found["types"] = [one.type for one in client.get_device_types()]
    found["profiles"] = [one.name for one in client.get_device_profiles(page_size=10, page=0).data]
    client.delete_device(device.id)
    found["left"] = [one.name for one in client.get_tenant_devices(page_size=10, page=0).data]
    client.logout()
print(json.dumps(found, default=str))
sys.stdout.flush()

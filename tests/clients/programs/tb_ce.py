"""tb-ce-client: strict models read what is answered; by password, and by an API key."""

import json
import sys

from tb_ce_client import ThingsboardClient
from tb_ce_client.models import ApiKeyInfo, Device

told = json.loads(sys.argv[1])
found: dict = {}
url = told["url"].rstrip("/")
with ThingsboardClient(url, told["username"], told["password"]) as client:
    user = client.get_user()
    found["user"] = user.email
    device = client.save_device(Device(name="strict", type="elsys"))
    found["device"] = [device.name, device.type]
    found["by_name"] = client.get_tenant_device_by_name("strict").name
    found["infos"] = [one.name for one in client.get_tenant_device_infos(page_size=10, page=0).data]
    found["profiles"] = [one.name for one in client.get_device_profiles(page_size=10, page=0).data]
    found["info"] = client.get_device_info_by_id(str(device.id.id)).device_profile_name
    found["secret"] = client.get_device_credentials_by_device_id(str(device.id.id)).credentials_type
    key = client.save_api_key(ApiKeyInfo(description="clients", user_id=user.id, enabled=True))
    with ThingsboardClient(url, api_key=key.value) as other:
        found["by_key"] = other.get_user().email
    try:
        client.get_all_alarms(page_size=1, page=0)
        found["alarms"] = "answered"
    except Exception as error:  # noqa: BLE001 - which class it is differs with the status
        found["alarms"] = [getattr(error, "status", None), "uplab" in str(error)]
    client.delete_device(str(device.id.id))
print(json.dumps(found, default=str))
sys.stdout.flush()

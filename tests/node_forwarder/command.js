// A ThingsBoard RPC is a downlink that came another way.

/** What onCommand of a sink calls: hands the command on, and tells what came of it. */
export function commandHandler(downlinks, isBound) {
  return async (connection, { device, data }) => {
    const downlink = { DevEUI_downlink: { ...data.params, DevEUI: device } }
    try {
      if (data.method !== 'sendDownlink') return { success: false, error: `method ${data.method} is unknown` }
      await downlinks.submit(connection, JSON.stringify(downlink), (devEui) => isBound(connection, devEui))
      return { success: true }
    } catch (error) {
      return { success: false, error: error.message }
    }
  }
}

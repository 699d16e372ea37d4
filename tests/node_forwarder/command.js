// A ThingsBoard RPC is a downlink that came another way.

/** What onCommand of a sink calls: hands the command on, and tells what came of it. */
export function commandHandler(downlinks, isBound) {
  return async (connection, { device, data }) => {
    const downlink = { DevEUI_downlink: { ...data.params, DevEUI: device } }
    try {
      if (data.method !== 'sendDownlink') return { success: false, error: `method ${data.method} is unknown` }
      const text = JSON.stringify(downlink)
      const { rejected } = await downlinks.submit(connection, text, (devEui) => isBound(connection, devEui))
      if (rejected !== undefined) return { success: false, error: `the network server rejected it: ${rejected}` }
      return { success: true }
    } catch (error) {
      return { success: false, error: error.message }
    }
  }
}

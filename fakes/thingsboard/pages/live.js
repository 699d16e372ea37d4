// The WebSocket of the pages: what changes on the server is shown at once. One connection serves all that a page follows.
const AGAIN_MS = [500, 1000, 2000, 5000];

let socket = null;
let attempts = 0;
let numbers = 0;
const followed = new Map(); // command id to { command, take }

function say(cmds) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ cmds }));
}

function connect() {
  const token = localStorage.getItem("jwt_token");
  if (socket || !token) return;
  const mine = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/ws`);
  socket = mine;
  mine.addEventListener("open", () => {
    attempts = 0;
    document.body.classList.remove("offline");
    mine.send(JSON.stringify({ authCmd: { cmdId: 0, token }, cmds: [...followed.values()].map((one) => one.command) }));
  });
  mine.addEventListener("message", (event) => {
    const update = JSON.parse(event.data);
    followed.get(update.cmdId ?? update.subscriptionId)?.take(update);
  });
  mine.addEventListener("close", () => {
    if (socket !== mine) return;
    socket = null;
    if (!followed.size) return;
    document.body.classList.add("offline");
    setTimeout(connect, AGAIN_MS[Math.min(attempts, AGAIN_MS.length - 1)]);
    attempts += 1;
  });
}

// Follow something until the page is left; `take` gets each update. Gives a function that ends it sooner.
export function follow(command, take) {
  const cmdId = (numbers += 1);
  const whole = { ...command, cmdId };
  followed.set(cmdId, { command: whole, take });
  if (socket) say([whole]);
  else connect();
  return () => {
    if (!followed.delete(cmdId)) return;
    const kind = command.type.startsWith("ENTITY_") ? { type: `${command.type}_UNSUBSCRIBE`, cmdId } : { ...whole, unsubscribe: true };
    say([kind]);
  };
}

// The page is left: nothing is followed any more.
export function leave() {
  for (const { command } of followed.values()) {
    const { type, cmdId } = command;
    say([type.startsWith("ENTITY_") ? { type: `${type}_UNSUBSCRIBE`, cmdId } : { ...command, unsubscribe: true }]);
  }
  followed.clear();
}

// Logged out: the connection knows the old account.
export function hangUp() {
  followed.clear();
  socket?.close();
  socket = null;
  document.body.classList.remove("offline");
}

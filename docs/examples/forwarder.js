// A forwarder of sixty lines, Node alone: what is posted to its ingress goes to each destination, in order.
// It is told its connections in UPLAB_CONNECTIONS. An uplink that a destination does not take is dropped, which its
// profile says: forwarder.toml.
// uplab run --only delivery --forwarder-command "node docs/examples/forwarder.js" --forwarder-profile docs/examples/forwarder.toml
"use strict";
const http = require("node:http");

const TIMEOUT_MS = 5000;

// POSTs one document; the promise is kept when the answer has come to its end, or there is none.
function post(configuration, body) {
  return new Promise((done) => {
    const headers = {"Content-Type": "application/json", "Content-Length": body.length, ...configuration.headers};
    const request = http.request(configuration.destinationURL, {method: "POST", headers, timeout: TIMEOUT_MS, agent: false});
    const dropped = (why) => {
      console.error(`dropped: ${why}`);
      request.destroy();
      done();
    };
    request.on("response", (answer) => {
      // An answer that does not end is left: it must not hold up what comes behind it.
      const patience = setTimeout(() => dropped("the answer does not end"), TIMEOUT_MS);
      answer.resume();
      answer.on("close", () => { clearTimeout(patience); done(); });
      answer.on("error", dropped);
    });
    request.on("timeout", () => dropped("no answer"));
    request.on("error", dropped);
    request.end(body);
  });
}

// One connection: what comes waits for what came before.
class Destination {
  constructor(configuration) {
    this.configuration = configuration;
    this.last = Promise.resolve();
  }

  deliver(body) {
    this.last = this.last.then(() => post(this.configuration, body));
  }
}

const destinations = JSON.parse(process.env.UPLAB_CONNECTIONS || "[]").map((one) => new Destination(one.configuration));

const server = http.createServer((request, answer) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    for (const destination of destinations) destination.deliver(body);
    answer.writeHead(200).end(); // it has promised now to deliver it
  });
});

process.on("SIGTERM", () => process.exit(0));
const [host, port] = process.env.UPLAB_LISTEN.split(":");
server.listen(Number(port), host, () => {
  console.log(JSON.stringify({ingress: `http://${host}:${server.address().port}/ingress`}));
});
